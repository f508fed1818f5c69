import { dump } from './js-yaml';

/**
 * Block YAML that means the same to YAML 1.1 and 1.2 readers: strings such as `on` and `1:30` are quoted,
 * and repeated objects are written out, since aliases surprise readers and some tools.
 */
export function toYaml(value: unknown): string {
  return dump(value, { noRefs: true, lineWidth: -1, seqNoIndent: true });
}

/** Streams of documents in which what was written once is not written again: most objects of one cluster are those of the next. */
export function memoizedYaml(): (values: readonly unknown[]) => string {
  const texts = new Map<string, string>();
  return values => values.map(value => {
    const key = JSON.stringify(value);
    const text = texts.get(key) ?? `---\n${toYaml(value)}`;
    texts.set(key, text);
    return text;
  }).join('');
}

/** One stream of documents, each introduced by `---`. */
export function toYamlStream(values: readonly unknown[]): string {
  return values.map(value => `---\n${toYaml(value)}`).join('');
}
