import { isatty } from 'node:tty';
import { parseJson } from '../../config/parse-json';
import { SpecError } from '../../config/problem';
import { readText } from '../../config/read-text';
import type { SecretName } from '../../gateway/token';

/** A Secret as the API server gives it. */
export interface CurrentSecret {
  readonly apiVersion: string;
  readonly kind: 'Secret';
  readonly metadata: SecretName & { readonly annotations?: Readonly<Record<string, string>> };
  readonly type?: string;
  /** In base64. */
  readonly data?: Readonly<Record<string, string>>;
}

/** Finds the Secrets that `hardened-profiling secrets` makes. */
export const LABEL = 'app.kubernetes.io/managed-by=cdk8s-hardened-profiling';

const SOURCE = 'standard input';
const COMMAND = `kubectl get secrets --all-namespaces -l ${LABEL} -o json`;

/** Reads what `kubectl get secrets -o json` printed. */
export function readSecrets(input: number): CurrentSecret[] {
  // A person who is asked for nothing would wait for ever.
  const text = isatty(input) ? '' : readText({
    name: SOURCE, from: input, allowed: `what ${COMMAND} prints`, maxBytes: 128 * 2 ** 20, whenLarger: 'give the Secrets of this token alone',
  });
  const value = parseJson(text) as { kind?: unknown; items?: unknown } | null | undefined;
  const items = value?.kind === 'Secret' ? [value] : value?.items;
  if (!Array.isArray(items) || !items.every(isSecret)) {
    throw new SpecError([{
      path: [], message: 'is no list of Secrets', allowed: 'the Secrets as they are now, in JSON', fix: `${COMMAND} |\n  hardened-profiling secrets …`,
    }], SOURCE);
  }
  return items;
}

function isSecret(value: unknown): value is CurrentSecret {
  const { kind, metadata, data } = (value ?? {}) as Partial<CurrentSecret>;
  return kind === 'Secret' && typeof metadata?.name === 'string' && typeof metadata.namespace === 'string'
    && (data === undefined || (typeof data === 'object' && data !== null && Object.values(data).every(text => typeof text === 'string')));
}
