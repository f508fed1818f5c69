const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 168 };

/** Hours of a duration such as `12h`, `7d` or `4w` that has been checked. */
export function retentionHours(duration: string): number {
  return Number(duration.slice(0, -1)) * HOURS[duration.slice(-1)];
}

/** The shorter of two durations. */
export function shorter(a: string, b: string): string {
  return retentionHours(a) <= retentionHours(b) ? a : b;
}
