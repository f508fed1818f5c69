import fc from 'fast-check';
import type { ReadBlock, Subject } from './alloy-reader';
import { blockOf, readAlloy, references, strings, tokensFor } from './alloy-reader';
import { alloyConfig } from '../../src/alloy/config';
import { FORMATS } from '../../src/config/formats';
import { runs } from '../property-runs';
import { validPyroscope } from '../pyroscope/arbitraries';
import { alloySlice, resolvedPyroscope, resolvedSection, TENANTS } from '../pyroscope/tenants';

const textOf = (keys: object = {}, sections: object = {}): string => {
  return alloyConfig(alloySlice(resolvedPyroscope(keys, sections)));
};
const configOf = (keys: object = {}, sections: object = {}): ReadBlock[] => readAlloy(textOf(keys, sections));
const tenant = (name: string, keys: object = {}) => ({ name, namespaces: [`app-${name}`], ...keys });
const OPTED_IN = { profiling: 'enabled' };
const JAVA = '/opt/jdk/bin/java';
const subject = (namespace: string, keys: Partial<Subject> = {}): Subject => ({ namespace, labels: OPTED_IN, ...keys });

const JAVA_TENANTS = [
  tenant('web'),
  tenant('jvm', { java: { enabled: true } }),
  tenant('only-jvm', { java: { enabled: true }, ebpf: { enabled: false } }),
  tenant('pushes', { ebpf: { enabled: false } }),
  tenant('leaves', { offboarding: true, java: { enabled: true } }),
];

describe('Profiles of the nodes', () => {
  const blocks = configOf();

  it('go to the tenant of the namespace, with its token', () => {
    ['checkout', 'checkout-jobs'].forEach(namespace => {
      expect(tokensFor(blocks, subject(namespace))).toEqual({ ebpf: ['/etc/alloy-tokens/checkout'], java: [] });
    });
  });

  it.each(['payments', 'old-shop', 'shop', 'kube-system', 'checkout-other', 'xcheckout', ''])('are none of a namespace that nobody wants profiled: %j', namespace => {
    expect(tokensFor(blocks, subject(namespace, { executable: JAVA }))).toEqual({ ebpf: [], java: [] });
  });

  it('are none of pods that did not opt in', () => {
    expect(tokensFor(blocks, subject('checkout', { labels: {} })).ebpf).toEqual([]);
    expect(tokensFor(blocks, subject('checkout', { labels: { profiling: 'no' } })).ebpf).toEqual([]);
    const own = configOf({}, { scope: { optInLabel: { key: 'example.com/profile', value: 'yes' } } });
    expect(tokensFor(own, subject('checkout')).ebpf).toEqual([]);
    expect(tokensFor(own, subject('checkout', { labels: { 'example.com/profile': 'yes' } })).ebpf).toEqual(['/etc/alloy-tokens/checkout']);
  });

  it('do not go elsewhere for what a pod calls itself', () => {
    const two = configOf({ tenants: [tenant('a'), tenant('b')] });
    const labels = { ...OPTED_IN, namespace: 'app-b', service_name: 'app-b/x', __meta_kubernetes_namespace: 'app-b' };
    expect(tokensFor(two, subject('app-a', { labels })).ebpf).toEqual(['/etc/alloy-tokens/a']);
    expect(JSON.stringify(two)).not.toMatch(/labelmap|pod_label/);
  });

  it('reach nobody but the owner of the namespace, whatever the tenants are', () => {
    fc.assert(fc.property(validPyroscope, section => {
      const spec = resolvedSection(section);
      if (!spec.alloy) { return; }
      const config = readAlloy(alloyConfig(alloySlice(spec)));
      spec.pyroscope.tenants.forEach(({ name, namespaces, ebpf, java }) => namespaces.forEach(namespace => {
        const file = [`/etc/alloy-tokens/${name}`];
        expect(tokensFor(config, subject(namespace, { executable: JAVA }))).toEqual({ ebpf: ebpf ? file : [], java: java ? file : [] });
        expect(tokensFor(config, subject(namespace)).java).toEqual([]);
      }));
    }), runs(100));
  });

  it('say where they come from', () => {
    const rules = blockOf(blocks, 'discovery.relabel', 'pods').blocks.filter(({ attributes }) => attributes.action === '"replace"');
    expect(rules.map(({ attributes }) => [strings(attributes.source_labels).join(), strings(attributes.target_label)[0]])).toEqual([
      ['__meta_kubernetes_namespace', 'namespace'],
      ['__meta_kubernetes_pod_name', 'pod'],
      ['__meta_kubernetes_pod_container_name', 'container'],
      ['__meta_kubernetes_namespace,__meta_kubernetes_pod_container_name', 'service_name'],
    ]);
    expect(strings(rules[3].attributes.separator)).toEqual(['/']);
  });

  it('are taken by one set of programs, without frames of the kernel and names of commands', () => {
    const { attributes } = blockOf(configOf({ tenants: [tenant('a'), tenant('b'), tenant('c')] }), 'pyroscope.ebpf');
    expect(attributes).toMatchObject({ kernel_frames: 'false', comm: '"none"' });
  });
});

describe('Profiles of Java', () => {
  const blocks = configOf({ tenants: JAVA_TENANTS });

  it('are taken for the tenants that want them', () => {
    expect(tokensFor(blocks, subject('app-jvm', { executable: JAVA }))).toEqual({ ebpf: ['/etc/alloy-tokens/jvm'], java: ['/etc/alloy-tokens/jvm'] });
    expect(tokensFor(blocks, subject('app-only-jvm', { executable: JAVA }))).toEqual({ ebpf: [], java: ['/etc/alloy-tokens/only-jvm'] });
    ['app-web', 'app-pushes', 'app-leaves'].forEach(namespace => {
      expect(tokensFor(blocks, subject(namespace, { executable: JAVA })).java).toEqual([]);
    });
  });

  it('are taken of JVMs alone', () => {
    ['/usr/bin/python3', '/usr/bin/javac', '/opt/java/bin/node', 'java'].forEach(executable => {
      expect(tokensFor(blocks, subject('app-jvm', { executable })).java).toEqual([]);
    });
  });

  it('are not taken of what did not opt in', () => {
    expect(tokensFor(blocks, subject('app-jvm', { labels: {}, executable: JAVA })).java).toEqual([]);
  });

  const settings = (java: object, keys: object = {}) =>
    blockOf(blockOf(configOf({ tenants: [tenant('a', { java: { enabled: true, ...java }, ...keys })] }), 'pyroscope.java').blocks, 'profiling_config').attributes;

  it('have no allocations and locks unless they are asked for; off is an empty string', () => {
    expect(settings({}, { ebpf: { enabled: false } })).toEqual({ interval: '"60s"', cpu: 'true', alloc: '""', lock: '""' });
    expect(settings({ alloc: '512k', lock: '10ms' })).toMatchObject({ alloc: '"512k"', lock: '"10ms"' });
  });

  it('do not count the CPU that eBPF counts, and sample something all the same', () => {
    expect(settings({})).toMatchObject({ cpu: 'false', alloc: '"512k"', lock: '""' });
    expect(settings({ lock: '10ms' })).toMatchObject({ cpu: 'false', alloc: '""', lock: '"10ms"' });
  });

  it('are taken by a library that is unpacked where the sticky bit is', () => {
    expect(blockOf(configOf({ tenants: [tenant('a', { java: { enabled: true } })] }), 'pyroscope.java').attributes.tmp_dir).toBe('"/tmp/asprof"');
  });

  it('do not bring a tenant under eBPF that does not want it', () => {
    const targets = (list: readonly object[]) => blockOf(configOf({ tenants: list }), 'pyroscope.ebpf').attributes.targets;
    expect(targets(JAVA_TENANTS)).toBe('discovery.relabel.ebpf.output');
    const [keep] = blockOf(blocks, 'discovery.relabel', 'ebpf').blocks;
    expect(keep.attributes).toMatchObject({ action: '"keep"', source_labels: '["namespace"]', regex: '"app-jvm|app-web"' });
    expect(targets(JAVA_TENANTS.slice(0, 2))).toBe('discovery.relabel.pods.output');
  });

  it('bring nothing along where nobody wants them', () => {
    expect(configOf().map(({ type }) => type).filter(type => /java|process/.test(type))).toEqual([]);
  });
});

describe('Tenants in Alloy', () => {
  it('push to the gateway, whose certificate is verified, from a file that can change', () => {
    const { attributes, blocks } = blockOf(blockOf(configOf({ namespace: 'prof' }), 'pyroscope.write').blocks, 'endpoint');
    expect(attributes).toEqual({ url: '"https://pyroscope-gateway.prof.svc:7443"', bearer_token_file: '"/etc/alloy-tokens/checkout"' });
    expect(blockOf(blocks, 'tls_config').attributes).toEqual({ ca_file: '"/etc/alloy-ca/ca.crt"', min_version: '"TLS12"' });
  });

  it('say which cluster they are in', () => {
    expect(blockOf(configOf({}, { cluster: { name: 'prod' } }), 'pyroscope.write').attributes.external_labels).toBe('{"cluster" = "prod"}');
  });

  it('have labels that are identifiers, and no two the same, and nothing refers into the void', () => {
    const name = fc.oneof(fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/), fc.constantFrom('a-b', 'a--b', 'a', 'a-java', '1', 'tenant-a', 'java'))
      .filter(FORMATS.tenant.test);
    fc.assert(fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 5 }), names => {
      const blocks = configOf({ tenants: names.map(value => tenant(value, { java: { enabled: true } })) });
      const components = blocks.map(({ type, label }) => `${type}.${label}`);
      expect(components).toEqual([...new Set(components)]);
      blocks.forEach(({ label }) => expect(label).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/));
      const used = blocks.flatMap(({ attributes: { targets, forward_to: to, join } }) => [targets, to, join].filter(Boolean).flatMap(references));
      expect(used.length).toBeGreaterThan(names.length);
      used.forEach(reference => expect(components).toContain(reference.replace(/\.(output|receiver|targets)$/, '')));
    }), runs(100));
  });

  it('do not change for those that the nodes do not profile', () => {
    const others = [...TENANTS, tenant('another', { ebpf: { enabled: false } })];
    expect(textOf({ tenants: others })).toBe(textOf());
  });
});

describe('What Alloy asks the API server for', () => {
  it('is the opted-in pods of its own node', () => {
    const { attributes, blocks } = blockOf(configOf(), 'discovery.kubernetes');
    expect(attributes).toEqual({ role: '"pod"' });
    expect(blockOf(blocks, 'selectors').attributes).toEqual({
      role: '"pod"', field: '"spec.nodeName=" + sys.env("HOSTNAME")', label: '"profiling=enabled"',
    });
  });
});
