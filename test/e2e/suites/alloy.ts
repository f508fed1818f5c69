import { strict as assert } from 'node:assert';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from '.';
import { alloyConfig } from '../../../src/alloy/config';
import { readDocument } from '../../../src/config/document';
import type { ResolvedSpec } from '../../../src/config/resolved-spec';
import { alloySlice } from '../../pyroscope/tenants';
import { resolved } from '../../support';
import { ROOT } from '../harness/documentation';
import type { Ended } from '../harness/processes';
import { run } from '../harness/processes';
import type { Report } from '../harness/report';

const EXAMPLES = join(ROOT, 'examples');

/** A type, or what a string may be. */
type ArgumentType = string | readonly string[];

/** What a block may hold. Authentication other than by a file is left out: nothing here may use it. */
interface BlockType {
  readonly arguments: Readonly<Record<string, ArgumentType>>;
  readonly required?: readonly string[];
  readonly blocks?: Readonly<Record<string, BlockType>>;
  /** What other components refer to. */
  readonly exports?: Readonly<Record<string, string>>;
}

const TARGETS = 'list(target)';
const RECEIVERS = 'list(receiver)';

const RULE: BlockType = {
  arguments: {
    action: ['drop', 'dropequal', 'hashmod', 'keep', 'keepequal', 'labeldrop', 'labelkeep', 'labelmap', 'lowercase', 'replace', 'uppercase'],
    modulus: 'number',
    regex: 'string',
    replacement: 'string',
    separator: 'string',
    source_labels: 'list(string)',
    target_label: 'string',
  },
};

const TLS_CONFIG: BlockType = {
  arguments: {
    ca_file: 'string',
    ca_pem: 'string',
    cert_file: 'string',
    cert_pem: 'string',
    insecure_skip_verify: 'bool',
    key_file: 'string',
    min_version: ['TLS10', 'TLS11', 'TLS12', 'TLS13'],
    server_name: 'string',
  },
};

/**
 * The components that a configuration may have, as Alloy's documentation has them; no arguments that do nothing any more.
 *
 * @see https://github.com/grafana/alloy/tree/v1.18.1/docs/sources/reference/components
 */
const COMPONENTS: Readonly<Record<string, BlockType>> = {
  'discovery.kubernetes': {
    arguments: {
      role: ['endpoints', 'endpointslice', 'ingress', 'node', 'pod', 'service'],
      api_server: 'string',
      bearer_token_file: 'string',
      enable_http2: 'bool',
      follow_redirects: 'bool',
      kubeconfig_file: 'string',
      no_proxy: 'string',
      proxy_from_environment: 'bool',
      proxy_url: 'string',
    },
    required: ['role'],
    blocks: {
      attach_metadata: { arguments: { namespace: 'bool', node: 'bool' } },
      namespaces: { arguments: { names: 'list(string)', own_namespace: 'bool' } },
      selectors: { arguments: { role: 'string', field: 'string', label: 'string' }, required: ['role'] },
      tls_config: TLS_CONFIG,
    },
    exports: { targets: TARGETS },
  },
  'discovery.process': {
    arguments: { join: TARGETS, refresh_interval: 'string' },
    blocks: {
      discover_config: {
        arguments: { cgroup_path: 'bool', commandline: 'bool', container_id: 'bool', cwd: 'bool', exe: 'bool', uid: 'bool', username: 'bool' },
      },
    },
    exports: { targets: TARGETS },
  },
  'discovery.relabel': {
    arguments: { targets: TARGETS },
    required: ['targets'],
    blocks: { rule: RULE },
    exports: { output: TARGETS },
  },
  'pyroscope.ebpf': {
    arguments: {
      forward_to: RECEIVERS,
      targets: TARGETS,
      collect_interval: 'string',
      comm: ['both', 'label', 'none', 'stackframe'],
      container_id_cache_size: 'number',
      demangle: ['full', 'none', 'simplified', 'templates'],
      dotnet_enabled: 'bool',
      hotspot_enabled: 'bool',
      kernel_frames: 'bool',
      lazy_mode: 'bool',
      load_probe: 'bool',
      no_kernel_version_check: 'bool',
      off_cpu_threshold: 'number',
      perl_enabled: 'bool',
      php_enabled: 'bool',
      pid_label: 'bool',
      python_enabled: 'bool',
      ruby_enabled: 'bool',
      sample_rate: 'number',
      u_probe_links: 'list(string)',
      v8_enabled: 'bool',
      verbose_mode: 'bool',
    },
    required: ['forward_to', 'targets'],
  },
  'pyroscope.java': {
    arguments: { forward_to: RECEIVERS, targets: TARGETS, tmp_dir: 'string' },
    required: ['forward_to', 'targets'],
    blocks: {
      profiling_config: {
        arguments: {
          alloc: 'string',
          cpu: 'bool',
          custom_arguments: 'list(string)',
          event: 'string',
          interval: 'string',
          lock: 'string',
          log_level: ['DEBUG', 'ERROR', 'INFO', 'NONE', 'TRACE', 'WARN'],
          per_thread: 'bool',
          quiet: 'bool',
          sample_rate: 'number',
        },
      },
    },
  },
  'pyroscope.relabel': {
    arguments: { forward_to: RECEIVERS, max_cache_size: 'number' },
    required: ['forward_to'],
    blocks: { rule: RULE },
    exports: { receiver: 'receiver' },
  },
  'pyroscope.write': {
    arguments: { external_labels: 'map(string)' },
    blocks: {
      endpoint: {
        arguments: {
          url: 'string',
          bearer_token_file: 'string',
          enable_http2: 'bool',
          follow_redirects: 'bool',
          headers: 'map(string)',
          max_backoff_period: 'string',
          max_backoff_retries: 'number',
          min_backoff_period: 'string',
          name: 'string',
          no_proxy: 'string',
          proxy_from_environment: 'bool',
          proxy_url: 'string',
          remote_timeout: 'string',
        },
        required: ['url'],
        blocks: { tls_config: TLS_CONFIG },
      },
    },
    exports: { receiver: 'receiver' },
  },
};

/** A block as Alloy's parser read it, see tools/alloy-syntax. */
interface DescribedBlock {
  readonly path: readonly string[];
  readonly label?: string;
  readonly arguments?: ReadonlyArray<{ readonly name: string; readonly value: DescribedValue }>;
}

interface DescribedValue {
  readonly kind: string;
  readonly text?: string;
  readonly elements?: readonly DescribedValue[];
}

type Sections = Parameters<typeof resolved>[0];

interface Configuration {
  readonly name: string;
  readonly text: string;
}

/** The configuration of Alloy, read by its own parser. */
export const alloy: Suite = {
  name: 'alloy',
  about: 'Alloy\'s own parser reads the emitted configuration, and its formatter finds nothing to change',
  needs: ['alloy-syntax'],
  run: async ({ report, programs }) => {
    const program = programs['alloy-syntax'].path;
    const all = configurations();
    await report.check('There is an example with Alloy, and a case of every component', 'the texts that follow', async () => {
      assert.ok(all.some(({ name }) => name.endsWith('.profiling.yaml')));
      const used = Object.keys(COMPONENTS).filter(component => all.some(({ text }) => text.includes(`${component} "`)));
      assert.deepEqual(used, Object.keys(COMPONENTS));
      return `${all.length} configurations`;
    });
    await report.each('Alloy\'s formatter leaves the emitted configuration as it is', all, ({ name }) => name, async ({ text }) => {
      const { code, output } = await judge(program, text);
      assert.equal(code, 0, output);
      return `${text.split('\n').length - 1} lines`;
    });
    await report.each('Alloy documents every component, block and argument, and of this type', all, ({ name }) => name, async ({ text }) => {
      const blocks = await describeBlocks(program, text);
      assert.deepEqual(mistakes(blocks), []);
      return `${blocks.length} blocks, ${blocks.flatMap(block => block.arguments ?? []).length} arguments`;
    });
    await refusals(report, program);
    report.notVerified('Alloy itself: its parser and formatter ran, not its components. Names and types of arguments are compared with a table in '
      + 'test/e2e/suites/alloy.ts, copied from its documentation (v1.18)');
  },
};

function configurations(): Configuration[] {
  const examples = readdirSync(EXAMPLES).filter(file => file.endsWith('.profiling.yaml')).flatMap((file): Configuration[] => {
    const spec = resolved(readDocument(join(EXAMPLES, file)).value as Sections);
    return spec.alloy ? [configuration(file, spec)] : [];
  });
  const withTenants = (tenants: object[], sections: Sections = {}): ResolvedSpec => resolved({ ...sections, pyroscope: { tenants } });
  const tenant = (name: string, more: object = {}): object => ({ name, namespaces: [name], ...more });
  const checkout = tenant('checkout');
  const optInLabel = { key: 'example.com/profiling', value: 'v1.2_on' };
  const java = { java: { enabled: true, alloc: '512k', lock: '10ms' } };
  const ofJava = withTenants([tenant('checkout', java), tenant('search', { java: { enabled: true } })]);
  return [
    ...examples,
    configuration('one tenant', withTenants([checkout])),
    configuration('500 tenants', withTenants(Array.from({ length: 500 }, (_, index) => tenant(`team-${index}`)))),
    configuration('Java with allocations and locks, and without', ofJava),
    configuration('Java alone, in a tenant of several namespaces', withTenants([
      { name: 'checkout', namespaces: ['checkout', 'checkout-jobs', '1-shop'], ebpf: { enabled: false }, ...java },
    ])),
    configuration('an opt-in label with a prefix', withTenants([checkout], { scope: { optInLabel } })),
    configuration('tenants that begin with a digit', withTenants([tenant('1st', java), tenant('42')])),
    configuration('tenants with dashes', withTenants([tenant('a-b--c', java), tenant('a-b-c')])),
    configuration('a tenant of the longest name', withTenants([tenant('x'.repeat(40), java)])),
    ...['1', 'prod-us-east-1', 'x'.repeat(63)].map(name => configuration(`the cluster ${name}`, withTenants([checkout], { cluster: { name } }))),
    configuration('another namespace of Pyroscope', resolved({ pyroscope: { namespace: 'profile-store', tenants: [checkout] } })),
  ];
}

function configuration(name: string, spec: ResolvedSpec): Configuration {
  return { name, text: alloyConfig(alloySlice(spec)) };
}

function judge(program: string, text: string, args: readonly string[] = []): Promise<Ended> {
  return run(program, args, { input: text, strict: false });
}

async function describeBlocks(program: string, text: string): Promise<DescribedBlock[]> {
  const { code, stdout, output } = await judge(program, text, ['--describe']);
  assert.equal(code, 0, output);
  return stdout.trimEnd().split('\n').map(line => JSON.parse(line) as DescribedBlock);
}

/** What Alloy would not take, in the words of a reader. */
function mistakes(blocks: readonly DescribedBlock[]): string[] {
  const components = blocks.filter(({ path }) => path.length === 1).map(({ path: [type], label }) => `${type}.${label}`);
  const typeOf = (value: DescribedValue): string => {
    if (value.kind === 'list' || value.kind === 'map') { return `${value.kind}(${[...new Set(value.elements?.map(typeOf))].join(' or ')})`; }
    if (value.kind !== 'reference') { return value.kind; }
    const [, component, field] = /^(.*)\.([^.]+)$/.exec(value.text!) ?? [];
    const exported = components.includes(component) && COMPONENTS[component.split('.').slice(0, 2).join('.')]?.exports?.[field];
    return exported || `unknown reference ${value.text}`;
  };
  return [
    ...components.filter((name, index) => components.indexOf(name) !== index).map(name => `${name} is there twice`),
    ...blocks.flatMap(block => mistakesIn(block, typeOf)),
  ];
}

function mistakesIn({ path, label, arguments: own = [] }: DescribedBlock, typeOf: (value: DescribedValue) => string): string[] {
  const [component, ...inner] = path;
  const type = inner.reduce((found: BlockType | undefined, name) => found?.blocks?.[name], COMPONENTS[component]);
  const where = path.join(' > ');
  if (!type) { return [`there is no ${where}`]; }
  const names = own.map(({ name }) => name);
  return [
    ...((label === undefined) === (inner.length === 0) ? [`${where} has ${label === undefined ? 'no' : 'a'} label`] : []),
    ...(type.required ?? []).filter(name => !names.includes(name)).map(name => `${where} has no ${name}`),
    ...names.filter((name, index) => names.indexOf(name) !== index).map(name => `${where} has ${name} twice`),
    ...own.flatMap(({ name, value }) => {
      const expected = Object.hasOwn(type.arguments, name) ? type.arguments[name] : undefined;
      if (expected === undefined) { return [`${where} knows no ${name}`]; }
      const is = typeOf(value);
      if (typeof expected === 'string') { return is === expected ? [] : [`${name} of ${where} is ${is}, not ${expected}`]; }
      const word = is === 'string' ? value.text ?? '' : is;
      return expected.includes(word) ? [] : [`${name} of ${where} is ${word}, not one of ${expected.join(', ')}`];
    }),
  ];
}

/** What the checks above would not let pass: texts with one fault each, and what is said of it. */
async function refusals(report: Report, program: string): Promise<void> {
  const { text } = configuration('', resolved({ pyroscope: { tenants: [{ name: 'checkout', namespaces: ['checkout'], java: { enabled: true } }] } }));
  const texts: ReadonlyArray<readonly [fault: string, from: RegExp | string, to: string, said: RegExp]> = [
    ['a missing brace', /\}\n$/, '', /expected \}/],
    ['a brace too many', /$/, '}\n', /expected/],
    ['a missing quote', '"pod"', '"pod', /string literal not terminated/],
    ['a label that is no identifier', '"tenant_checkout"', '"tenant-checkout"', /to be a valid identifier/],
    ['spaces in place of tabs', /\t/g, '  ', /^line 2 is /],
    ['equals signs that are not aligned', / +=/g, ' =', /^line \d+ is /],
    ['no empty line between blocks', '\n\n', '\n', /^line \d+ is /],
    ['no line end at the end', /\n$/, '', /^line \d+ is /],
  ];
  await report.each('A text that is not as the formatter leaves it would be noticed', texts, ([fault]) => fault, async ([, from, to, said]) => {
    const { code, output } = await judge(program, changed(text, from, to));
    assert.equal(code, 1, output);
    assert.match(output, said);
    return output.split('\n')[0];
  });
  const wrong: ReadonlyArray<readonly [fault: string, from: string, to: string, said: string]> = [
    ['a component that does not exist', 'pyroscope.write "', 'pyroscope.send "', 'there is no pyroscope.send'],
    ['a block that does not exist', 'profiling_config {', 'profiling_setup {', 'there is no pyroscope.java > profiling_setup'],
    ['an argument that does not exist', 'bearer_token_file = ', 'bearer_token_path = ', 'pyroscope.write > endpoint knows no bearer_token_path'],
    ['an argument in place of another', 'targets       = ', 'join          = ', 'pyroscope.ebpf has no targets'],
    ['an argument that is given twice', 'comm          = ', 'kernel_frames = ', 'pyroscope.ebpf has kernel_frames twice'],
    ['a string in place of a switch', 'kernel_frames = false', 'kernel_frames = "false"', 'kernel_frames of pyroscope.ebpf is string, not bool'],
    ['a string in place of a list', '["namespace"]', '"namespace"', 'source_labels of discovery.relabel > rule is string, not list(string)'],
    ['a word that means nothing', '"TLS12"', '"TLS-12"',
      'min_version of pyroscope.write > endpoint > tls_config is TLS-12, not one of TLS10, TLS11, TLS12, TLS13'],
    ['a reference to nothing', 'pyroscope.relabel.tenant_checkout.receiver', 'pyroscope.relabel.nobody.receiver',
      'forward_to of pyroscope.ebpf is list(unknown reference pyroscope.relabel.nobody.receiver), not list(receiver)'],
    ['a reference to the wrong thing', 'discovery.kubernetes.pods.targets', 'pyroscope.write.tenant_checkout.receiver',
      'targets of discovery.relabel is receiver, not list(target)'],
    ['two components of one name', '"tenant_checkout_java"', '"pods"', 'discovery.relabel.pods is there twice'],
  ];
  await report.each('A name or a type that Alloy does not know would be noticed', wrong, ([fault]) => fault, async ([, from, to, said]) => {
    const found = mistakes(await describeBlocks(program, changed(text, from, to)));
    assert.ok(found.includes(said), JSON.stringify(found));
    return said;
  });
}

function changed(text: string, from: RegExp | string, to: string): string {
  const result = text.replace(from, to);
  assert.notEqual(result, text);
  return result;
}
