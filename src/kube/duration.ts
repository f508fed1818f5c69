const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds of a duration such as `30s`, `5m` or `24h`; undefined if it is none. */
export function parseSeconds(duration: string): number | undefined {
  const match = /^(0|[1-9][0-9]{0,4})([smh])$/.exec(duration);
  return match ? Number(match[1]) * SECONDS[match[2]] : undefined;
}
