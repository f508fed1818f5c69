/** A block of Alloy's configuration as it was read. Attributes are the text of their expressions. */
export interface ReadBlock {
  readonly type: string;
  readonly label?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly blocks: readonly ReadBlock[];
}

const IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*';
const OPENING = new RegExp(`^\\t*(${IDENTIFIER}(?:\\.${IDENTIFIER})*)(?: "([^"]*)")? \\{( \\})?$`);
const ATTRIBUTE = new RegExp(`^\\t*(${IDENTIFIER}) += (.+)$`, 's');

/** Reads what we write: a line for each attribute, opening and closing brace. Throws on everything else. */
export function readAlloy(text: string): ReadBlock[] {
  interface Open { type: string; label?: string; attributes: Record<string, string>; blocks: ReadBlock[] }
  const root: Open = { type: '', attributes: {}, blocks: [] };
  const stack: Open[] = [root];
  text.split('\n').forEach((line, index) => {
    const parent = stack[stack.length - 1];
    const opening = OPENING.exec(line);
    const attribute = ATTRIBUTE.exec(line);
    if (opening) {
      const [, type, label, isEmpty] = opening;
      const block: Open = { type, label, attributes: {}, blocks: [] };
      parent.blocks.push(block);
      if (isEmpty === undefined) { stack.push(block); }
    } else if (attribute) {
      if (attribute[1] in parent.attributes) { throw new Error(`line ${index + 1} sets ${attribute[1]} twice`); }
      parent.attributes[attribute[1]] = attribute[2];
    } else if (/^\t*\}$/.test(line)) {
      if (stack.length === 1) { throw new Error(`line ${index + 1} closes nothing`); }
      stack.pop();
    } else if (line !== '') {
      throw new Error(`line ${index + 1} is neither block nor attribute: ${line}`);
    }
  });
  if (stack.length !== 1) { throw new Error('a block is not closed'); }
  return root.blocks;
}

/** The string that an attribute is, or the strings of a list. */
export function strings(expression: string): string[] {
  const value = JSON.parse(expression) as string | string[];
  return typeof value === 'string' ? [value] : value;
}

/** Everything a list or an expression refers to. */
export function references(expression: string): string[] {
  return /^".*"$/.test(expression) ? [] : expression.replace(/^\[|\]$/g, '').split(', ');
}

/** The only block of a type and label. */
export function blockOf(blocks: readonly ReadBlock[], type: string, label?: string): ReadBlock {
  const found = blocks.filter(block => block.type === type && (label === undefined || block.label === label));
  if (found.length !== 1) { throw new Error(`${found.length} blocks are ${type} "${label}"`); }
  return found[0];
}

/** A process in a pod of the node. */
export interface Subject {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly executable?: string;
}

type Target = Readonly<Record<string, string>>;

/** One rule after the other; undefined where one drops the target. */
function relabel(target: Target, rules: readonly ReadBlock[]): Target | undefined {
  let current: Target | undefined = target;
  for (const { attributes } of rules) {
    if (!current) { return undefined; }
    const before: Target = current;
    const value = strings(attributes.source_labels).map(name => before[name] ?? '').join(attributes.separator ? strings(attributes.separator)[0] : ';');
    const [action] = strings(attributes.action);
    if (action === 'keep') {
      current = new RegExp(`^(?:${strings(attributes.regex)[0]})$`).test(value) ? before : undefined;
    } else if (action === 'replace') {
      current = { ...before, [strings(attributes.target_label)[0]]: value };
    } else {
      throw new Error(`what is ${action}?`);
    }
  }
  return current;
}

/**
 * Follows a process through the components of a configuration, by the rules of Alloy's documentation: the files of the tokens
 * with which its profiles are pushed, by profiler.
 *
 * @see https://grafana.com/docs/alloy/latest/reference/components/discovery/discovery.relabel/
 */
export function tokensFor(blocks: readonly ReadBlock[], subject: Subject): { ebpf: string[]; java: string[] } {
  const byReference = new Map(blocks.map(block => [`${block.type}.${block.label}`, block]));
  const owner = (reference: string, field: string): ReadBlock => {
    const found = reference.endsWith(`.${field}`) && byReference.get(reference.slice(0, -field.length - 1));
    if (!found) { throw new Error(`nothing is ${reference}`); }
    return found;
  };

  const targetOf = (reference: string): Target | undefined => {
    const source = blocks.find(({ type, label }) => reference.startsWith(`${type}.${label}.`));
    if (!source) { throw new Error(`nothing is ${reference}`); }
    switch (source.type) {
      case 'discovery.kubernetes': {
        const [key, value] = strings(blockOf(source.blocks, 'selectors').attributes.label)[0].split('=');
        return subject.labels[key] !== value ? undefined : {
          __meta_kubernetes_namespace: subject.namespace,
          __meta_kubernetes_pod_name: 'pod-1',
          __meta_kubernetes_pod_container_name: 'app',
          ...Object.fromEntries(Object.entries(subject.labels).map(([label, text]) => [`__meta_kubernetes_pod_label_${label.replace(/\W/g, '_')}`, text])),
        };
      }
      case 'discovery.process': {
        // Every process of the node; the labels of its container where that is known.
        const joined = targetOf(references(source.attributes.join)[0]) ?? {};
        return { ...joined, __meta_process_exe: subject.executable ?? '/usr/bin/app' };
      }
      case 'discovery.relabel': {
        const target = targetOf(references(source.attributes.targets)[0]);
        return target && relabel(target, source.blocks);
      }
      default: throw new Error(`${source.type} has no targets`);
    }
  };

  const push = (profiler: ReadBlock): string[] => {
    const target = targetOf(references(profiler.attributes.targets)[0]);
    if (!target) { return []; }
    const exported = Object.fromEntries(Object.entries(target).filter(([name]) => !name.startsWith('__')));
    return references(profiler.attributes.forward_to).flatMap(reference => {
      const step = owner(reference, 'receiver');
      if (!relabel(exported, step.blocks)) { return []; }
      return references(step.attributes.forward_to).map(next => strings(blockOf(owner(next, 'receiver').blocks, 'endpoint').attributes.bearer_token_file)[0]);
    });
  };

  const all = (type: string): string[] => blocks.filter(block => block.type === type).flatMap(push);
  return { ebpf: all('pyroscope.ebpf'), java: all('pyroscope.java') };
}
