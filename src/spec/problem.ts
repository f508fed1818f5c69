/** One thing wrong with a specification. */
export interface Problem {
  /** Where: keys and list indices from the root. */
  readonly path: ReadonlyArray<string | number>;
  /** What is wrong, as a short sentence without the path. */
  readonly message: string;
  /** The offending value, ready to print; absent where printing it could reveal a secret. */
  readonly found?: string;
  /** What is allowed instead. */
  readonly allowed?: string;
  /** What to do. */
  readonly fix: string;
}

/** Line and column in a document, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A specification that cannot be used. Its message lists every problem. */
export class SpecError extends Error {
  /** All problems, in the order of their paths. */
  public readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], source: string = 'specification', locate: (problem: Problem) => Position | undefined = () => undefined) {
    const located = problems.map(problem => ({ problem, position: locate(problem) }));
    located.sort((a, b) => (a.position?.line ?? 0) - (b.position?.line ?? 0) || (a.position?.column ?? 0) - (b.position?.column ?? 0));
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super([`${source}: ${count}`, ...located.map(({ problem, position }) => format(problem, source, position))].join('\n\n'));
    this.name = 'SpecError';
    this.problems = located.map(({ problem }) => problem);
  }
}

/** A value as it is shown in an error: short, on one line, and never what looks like a secret. */
export function show(value: unknown): string {
  if (Array.isArray(value)) { return value.length === 0 ? 'an empty list' : 'a list'; }
  if (value === null) { return 'nothing (null)'; }
  if (typeof value === 'object') { return Object.keys(value as object).length === 0 ? 'an empty mapping' : 'a mapping'; }
  if (typeof value !== 'string') { return String(value); }
  if (looksSecret(value)) { return 'a value that looks like a secret (not shown)'; }
  const printable = JSON.stringify(value).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, character => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return printable.length > 80 ? `${printable.slice(0, 77)}…"` : printable;
}

/**
 * Whether a string looks like a credential: long hex or base64 runs, JSON web tokens, PEM blocks, passwords in URLs, and
 * the prefixes that issuers give to their keys. A digest behind `sha256:` is none, nor are a role's name behind `role/` and
 * a certificate.
 */
export function looksSecret(text: string): boolean {
  const value = text.replace(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g, '');
  return /(?<!sha256:)\b[0-9a-f]{32,}\b/i.test(value)
    || /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}/.test(value)
    || /-----BEGIN /.test(value)
    || /\b(AKIA|ASIA)[0-9A-Z]{16}\b/.test(value)
    || /\b(gh[pousr]_|glpat-|xox[abp]-|hvs\.|glsa_)[\w-]{10,}/.test(value)
    || /(^|:\s*)bearer\s/i.test(value)
    || /:\/\/[^\s/@:]*:[^\s/@]+@/.test(value)
    || /(?<!role\/)\b(?=\w*[a-z])(?=\w*[A-Z])(?=\w*\d)\w{32,}\b/.test(value)
    // Secret access keys of AWS: exactly 40 characters of base64, which slashes may cut into short words.
    || /(?<![\w/+=])(?!role\/)(?=[A-Z\d/+]*[a-z])(?=[a-z\d/+]*[A-Z])(?=[A-Za-z/+]*\d)[A-Za-z\d/+]{40}(?![\w/+=])/.test(value);
}

/** What to do about a credential in a specification. */
export const SECRET_ADVICE = 'replace the credential at its issuer, since it has been written down here, and name a Secret instead';

/** `a.b[0].c`, with quotes around keys that are no identifiers. */
export function formatPath(path: Problem['path']): string {
  if (path.length === 0) { return '(root)'; }
  return path.map((segment, i) => {
    if (typeof segment === 'number') { return `[${segment}]`; }
    if (!/^[\w-]{1,63}$/.test(segment) || looksSecret(segment)) { return `[${show(segment)}]`; }
    return i === 0 ? segment : `.${segment}`;
  }).join('');
}

function format(problem: Problem, source: string, position: Position | undefined): string {
  const where = position ? `${source}:${position.line}:${position.column}  ` : '';
  const rows = [`${where}${formatPath(problem.path)}: ${problem.message}`];
  if (problem.found !== undefined) { rows.push(`  found    ${problem.found}`); }
  if (problem.allowed !== undefined) { rows.push(`  allowed  ${problem.allowed}`); }
  rows.push(`  fix      ${indent(problem.fix)}`);
  return rows.join('\n');
}

function indent(text: string): string {
  return text.replace(/\n/g, '\n           ');
}
