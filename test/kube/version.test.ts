import { compareVersions, parseVersion } from '../../src/kube/version';

describe('parseVersion', () => {
  it.each([['1.33', [1, 33]], ['v0.49.0', [0, 49, 0]], ['5.15', [5, 15]], ['1.2.3-rc.1', [1, 2, 3]]])('reads %s', (version, expected) => {
    expect(parseVersion(version)).toEqual(expected);
  });
});

describe('compareVersions', () => {
  it.each([['5.4', '5.10'], ['1.9', '1.28'], ['0.9.9', '0.28.0'], ['v0.48.0', '0.49.0'], ['5', '5.1'], ['5.10', '6.0']])('finds %s older than %s', (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
  });

  it.each([['5.10', '5.10'], ['1', '1.0.0'], ['v1.2', '1.2'], ['1.2.0-rc.1', '1.2']])('finds %s and %s equal', (a, b) => {
    expect(compareVersions(a, b)).toBe(0);
    expect(compareVersions(b, a)).toBe(0);
  });
});
