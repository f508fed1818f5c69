/** An expression as it stands in a configuration, such as a reference to another component. */
export interface Expression {
  readonly expression: string;
}

/** Value of an attribute. */
export type Value = string | boolean | Expression | readonly Value[] | { readonly map: Readonly<Record<string, string>> };

/** A block of Alloy's configuration language. */
export interface Block {
  /** Its type, such as `pyroscope.write`. */
  readonly type: string;
  readonly label?: string;
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly blocks?: readonly Block[];
}

/** A reference to what a component exports. */
export function reference(expression: string): Expression {
  return { expression };
}

/**
 * Blocks as text, in the form that Alloy's own formatter gives them.
 *
 * @see https://grafana.com/docs/alloy/latest/get-started/configuration-syntax/
 */
export function alloyText(blocks: readonly Block[]): string {
  return blocks.map(block => format(block, 0)).join('\n');
}

function format({ type, label, attributes = {}, blocks = [] }: Block, depth: number): string {
  const indent = '\t'.repeat(depth);
  const width = Math.max(0, ...Object.keys(attributes).map(name => name.length));
  const lines = Object.entries(attributes).map(([name, value]) => `${indent}\t${name.padEnd(width)} = ${text(value)}\n`);
  const body = [...(lines.length > 0 ? [lines.join('')] : []), ...blocks.map(block => format(block, depth + 1))].join('\n');
  return `${indent}${type}${label === undefined ? '' : ` "${label}"`} {${body === '' ? ' ' : `\n${body}${indent}`}}\n`;
}

function text(value: Value): string {
  if (typeof value === 'string') { return JSON.stringify(value); }
  if (typeof value === 'boolean') { return String(value); }
  if (Array.isArray(value)) { return `[${value.map(text).join(', ')}]`; }
  if ('map' in value) {
    return `{${Object.entries(value.map as Record<string, string>).map(([key, item]) => `${JSON.stringify(key)} = ${JSON.stringify(item)}`).join(', ')}}`;
  }
  return (value as Expression).expression;
}
