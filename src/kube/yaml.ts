import { dump } from './js-yaml';

/**
 * Block YAML that means the same to YAML 1.1 and 1.2 readers: strings such as `on` and `1:30` are quoted,
 * and repeated objects are written out, since aliases surprise readers and some tools.
 */
export function toYaml(value: unknown): string {
  return dump(value, { noRefs: true, lineWidth: -1, seqNoIndent: true });
}

/** One stream of documents, each introduced by `---`. */
export function toYamlStream(values: readonly unknown[]): string {
  return values.map(value => `---\n${toYaml(value)}`).join('');
}
