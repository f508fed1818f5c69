/** The numbers of a version such as `1.33`, `v0.49.0` or `5.15`, without what follows a dash. */
export function parseVersion(version: string): readonly number[] {
  return version.replace(/^v/, '').split('-')[0].split('.').map(Number);
}

/** Negative if `a` is older than `b`, zero if they are equal, positive if it is newer. Missing numbers count as zero. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) { return difference; }
  }
  return 0;
}
