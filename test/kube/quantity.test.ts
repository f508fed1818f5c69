import { canonicalBytes, canonicalCpu, mebibytes, parseBytes, parseCpu } from '../../src/kube/quantity';

describe('parseBytes', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['1k', 1e3],
    ['2M', 2e6],
    ['3G', 3e9],
    ['4T', 4e12],
    ['1Ki', 1024],
    ['512Mi', 536870912],
    ['1Gi', 1073741824],
    ['2Ti', 2199023255552],
  ])('reads %s', (quantity, bytes) => {
    expect(parseBytes(quantity)).toBe(bytes);
  });

  it.each(['', 'Mi', '1.5Gi', '-1', '+1', '1e3', '1 Gi', '1gi', '1K', '1Pi', '1m', '1234567890', '1Gi\n'])('takes %j for none', quantity => {
    expect(parseBytes(quantity)).toBeUndefined();
  });

  it('takes what a number cannot hold for none', () => {
    expect(parseBytes('8191Ti')).toBe(8191 * 2 ** 40);
    expect(parseBytes('8192Ti')).toBeUndefined();
    expect(parseBytes('999999999Ti')).toBeUndefined();
  });
});

describe('mebibytes', () => {
  it.each([[0, '0'], [1, '1Mi'], [2 ** 20, '1Mi'], [2 ** 20 + 1, '2Mi'], [2 ** 30, '1Gi']])('rounds %d up', (bytes, expected) => {
    expect(mebibytes(bytes)).toBe(expected);
  });
});

describe('canonicalBytes', () => {
  it.each([
    ['2048Mi', '2Gi'], ['1536Mi', '1536Mi'], ['1024Gi', '1Ti'], ['1000M', '1G'], ['0Mi', '0'], ['512', '512'], ['1.5Gi', '1.5Gi'],
  ])('writes %s as the API server does', (quantity, expected) => {
    expect(canonicalBytes(quantity)).toBe(expected);
  });
});

describe('canonicalCpu', () => {
  it.each([['1000m', '1'], ['2', '2'], ['1500m', '1500m'], ['250m', '250m'], ['0.5', '0.5']])('writes %s as the API server does', (quantity, expected) => {
    expect(canonicalCpu(quantity)).toBe(expected);
  });
});

describe('parseCpu', () => {
  it.each([['250m', 250], ['1', 1000], ['0', 0], ['64', 64_000]])('reads %s as %d thousandths', (quantity, expected) => {
    expect(parseCpu(quantity)).toBe(expected);
  });

  it.each(['', '0.5', '1 m', '-1', 'm', '1k', '1M', '1m\n'])('takes %j for none', quantity => {
    expect(parseCpu(quantity)).toBeUndefined();
  });
});
