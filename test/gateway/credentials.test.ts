import { credentialList } from '../../src/gateway/credentials';

/** As the gateway reads its list: role, tenant, the file of digests, and the rest of the line. */
const LINE = /^(\S+) (\S+) (\S+)([^\r\n]*)$/;

describe('The list of credentials', () => {
  it('has a line for each, with a dash where there is no tenant', () => {
    expect(credentialList([
      { role: 'push', tenant: 'checkout', digests: 'checkout.push' },
      { role: 'metrics', digests: 'metrics' },
      { role: 'read', digests: 'read/sha256', tokens: ['read/token', 'read/token-previous'] },
    ])).toBe('push checkout checkout.push\nmetrics - metrics\nread - read/sha256 read/token read/token-previous\n');
  });

  it('is read as it was meant', () => {
    const line = credentialList([{ role: 'read', tenant: 'a|b', digests: 'r.read', tokens: ['x', 'y'] }]).trimEnd();
    expect(LINE.exec(line)!.slice(1)).toEqual(['read', 'a|b', 'r.read', ' x y']);
  });

  it('is empty when there are none, so that nobody gets in', () => {
    expect(credentialList([])).toBe('');
  });
});
