import { suggest } from '../../src/config/suggest';

const KEYS = ['cluster', 'images', 'parca', 'scope', 'access', 'dns'];

describe('suggest', () => {
  it.each([
    ['clutser', 'cluster'], ['Cluster', 'cluster'], ['image', 'images'], ['acces', 'access'], ['parka', 'parca'], ['dnss', 'dns'], ['dn', 'dns'],
  ])('takes %s for %s', (word, expected) => {
    expect(suggest(word, KEYS)).toBe(expected);
  });

  it.each(['helm', 'kluztr', '', 'd', 'x'.repeat(65)])('takes %j for nothing', word => {
    expect(suggest(word, KEYS)).toBeUndefined();
  });

  it('takes the first by name of two that are equally close', () => {
    expect(suggest('rat', ['rate', 'brat'])).toBe('brat');
  });

  it('takes the closest and not the first', () => {
    expect(suggest('namespaces', ['namespace', 'namespaces'])).toBe('namespaces');
  });

  it('knows nothing without candidates', () => {
    expect(suggest('a', [])).toBeUndefined();
  });
});
