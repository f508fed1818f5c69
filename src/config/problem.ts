import { printable } from './printable';

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

/** Number of problems that a message shows. Who mends these sees the others next. */
const SHOWN = 50;

/** Number of problems that are told apart, of which the first are shown. A file of the wrong kind has a million. */
export const MOST_PROBLEMS = 1000;

/** Stands for each further problem, so that they are counted. */
export const UNTOLD: Problem = { path: [], message: 'is one problem more', fix: 'mend the others first' };

/** A specification that cannot be used. Its message shows the first problems and counts the others. */
export class SpecError extends Error {
  /** All problems; the first thousand in the order in which they stand in the document. */
  public readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], source: string = 'specification', locate: (problem: Problem) => Position | undefined = () => undefined) {
    const located = problems.slice(0, MOST_PROBLEMS).map(problem => ({ problem, position: locate(problem) }));
    located.sort((a, b) => (a.position?.line ?? 0) - (b.position?.line ?? 0) || (a.position?.column ?? 0) - (b.position?.column ?? 0));
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super([
      `${printable(source)}: ${count}`,
      ...located.slice(0, SHOWN).map(({ problem, position }) => format(problem, source, position)),
      ...(problems.length > SHOWN ? [`and ${problems.length - SHOWN} more problems`] : []),
    ].join('\n\n'));
    this.name = 'SpecError';
    this.problems = [...located.map(({ problem }) => problem), ...problems.slice(MOST_PROBLEMS)];
  }
}

/** A value as it is shown in an error: short, on one line, and never what looks like a secret. */
export function show(value: unknown): string {
  if (Array.isArray(value)) { return value.length === 0 ? 'an empty list' : 'a list'; }
  if (value === null) { return 'nothing (null)'; }
  if (typeof value === 'object') { return Object.keys(value as object).length === 0 ? 'an empty mapping' : 'a mapping'; }
  if (typeof value !== 'string') { return String(value); }
  if (looksSecret(value)) { return 'a value that looks like a secret (not shown)'; }
  // Longer ones are cut, so no more than that is looked at.
  const shown = printable(JSON.stringify(value.slice(0, 80)));
  return shown.length > 80 || value.length > 80 ? `${shown.slice(0, 77)}…"` : shown;
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

/** Fix for a literal credential in a specification. */
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
  const { found, allowed } = problem;
  return [
    `${where}${formatPath(problem.path)}: ${problem.message}`,
    ...(found === undefined ? [] : [`  found    ${found}`]),
    ...(allowed === undefined ? [] : [`  allowed  ${allowed}`]),
    ...problem.fix.split('\n').map((line, i) => `${i === 0 ? '  fix      ' : '           '}${line}`),
  ].map(printable).join('\n');
}
