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

/** Line and column of a problem in its document, both counted from 1; neither for a document as a whole. */
export interface Position {
  readonly line?: number;
  readonly column?: number;
  /** Name of the document, where an error is about several. */
  readonly source?: string;
}

/** A problem with its position, if it has one. */
export interface LocatedProblem {
  readonly problem: Problem;
  readonly position?: Position;
}

/** Name of a document, or those of several that were merged, in their order. */
export type Source = string | readonly string[];

/** Number of problems that a message shows. Who mends these sees the others next. */
const SHOWN = 50;

/** Number of problems that are told apart, of which the first are shown. A file of the wrong kind has a million. */
export const MOST_PROBLEMS = 1000;

/** Stands for each further problem, so that they are counted. */
export const UNTOLD: Problem = { path: [], message: 'is one problem more', fix: 'mend the others first' };

/** A specification that cannot be used. Its message shows the first problems and counts the others. */
export class SpecError extends Error {
  /** An error of problems that have been located already. */
  public static of(located: readonly LocatedProblem[], source: Source): SpecError {
    const positions = new Map(located.map(({ problem, position }) => [problem, position]));
    return new SpecError(located.map(({ problem }) => problem), source, problem => positions.get(problem));
  }

  /** One error for those of several documents, in the order of the documents. */
  public static joined(errors: readonly SpecError[]): SpecError {
    if (errors.length === 1) { return errors[0]; }
    const located = errors.flatMap(error => error.located.map(({ problem, position }) =>
      ({ problem, position: { source: error.sources[0], ...position } })));
    return SpecError.of(located, errors.flatMap(({ sources }) => sources));
  }

  private readonly sources: readonly string[];

  /** The first thousand in the order in which they stand in the documents, then the others. */
  private readonly located: readonly LocatedProblem[];

  constructor(problems: readonly Problem[], source: Source = 'specification', locate: (problem: Problem) => Position | undefined = () => undefined) {
    const sources = typeof source === 'string' ? [source] : source;
    const located = problems.slice(0, MOST_PROBLEMS).map(problem => ({ problem, position: locate(problem) }));
    located.sort(byPosition(sources));
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super([
      `${printable(sources.join(', '))}: ${count}`,
      ...located.slice(0, SHOWN).map(({ problem, position }) => format(problem, placeOf(sources[0], position))),
      ...(problems.length > SHOWN ? [`and ${problems.length - SHOWN} more problems`] : []),
    ].join('\n\n'));
    this.name = 'SpecError';
    this.sources = sources;
    this.located = [...located, ...problems.slice(MOST_PROBLEMS).map(problem => ({ problem }))];
  }

  /** All problems; the first thousand in the order in which they stand in the documents. */
  public get problems(): readonly Problem[] {
    return this.located.map(({ problem }) => problem);
  }
}

/** The order of documents, then that of lines and columns; what has no position comes first. */
function byPosition(sources: readonly string[]): (a: LocatedProblem, b: LocatedProblem) => number {
  const ranks = new Map(sources.map((source, i) => [source, i]));
  const rank = ({ position }: LocatedProblem): number => ranks.get(position?.source ?? '') ?? 0;
  return (a, b) => rank(a) - rank(b)
    || (a.position?.line ?? 0) - (b.position?.line ?? 0)
    || (a.position?.column ?? 0) - (b.position?.column ?? 0);
}

/** `profiling.yaml:7:1`; the name alone for a document as a whole, and nothing where there is only one. */
function placeOf(onlySource: string, position: Position | undefined): string | undefined {
  return position && [position.source ?? onlySource, position.line, position.column].filter(part => part !== undefined).join(':');
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

function format(problem: Problem, place: string | undefined): string {
  const { found, allowed } = problem;
  return [
    `${place === undefined ? '' : `${place}  `}${formatPath(problem.path)}: ${problem.message}`,
    ...(found === undefined ? [] : [`  found    ${found}`]),
    ...(allowed === undefined ? [] : [`  allowed  ${allowed}`]),
    ...problem.fix.split('\n').map((line, i) => `${i === 0 ? '  fix      ' : '           '}${line}`),
  ].map(printable).join('\n');
}
