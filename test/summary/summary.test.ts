import { renderManifests, summarize } from '../../src/render';
import { resolved } from '../support';

function summaryOf(sections: Parameters<typeof resolved>[0] = {}) {
  const spec = resolved(sections);
  return summarize(spec, renderManifests(spec), 'profiling.yaml', chart => `dist/helm/${chart}.values.yaml`);
}

/** The same with a section `pyroscope` that has one tenant and these keys. */
function summaryOfTenant(keys: object = {}, sections: Parameters<typeof resolved>[0] = {}) {
  return summaryOf({ ...sections, pyroscope: { tenants: [{ name: 'checkout', namespaces: ['checkout'] }], ...keys } });
}

const tls = { secretName: 'parca-tls' };
const SYMBOLS_NOTE = 'Native frames (C, C++, Go, Rust) have no function names until CI uploads the symbols of opted-in builds with the symbols token.';
const API_SERVER_NOTE = 'cluster.apiServerCidrs is not set: where NetworkPolicies are enforced, the agents cannot reach the API server and do not start.';
const BUCKET_NOTE = 'objectStorage.egressCidrs is not set: where NetworkPolicies are enforced, the server cannot reach its bucket.';

describe('Summary', () => {
  it.each<[string, object, object]>([
    [
      'nodes.perfEventParanoid.mode is atLeast: nodes of Debian and Ubuntu that are installed with 3 or 4 keep it, and their agents say that they cannot run.',
      { perfEventParanoid: {} }, { perfEventParanoid: { mode: 'exact' } },
    ],
    [
      'nodes.delivery is nodeConfiguration: synth --out writes files beside the manifests; bring the one for your kind of node there.',
      { delivery: 'nodeConfiguration', perfEventMaxSampleRate: 1000 }, { perfEventMaxSampleRate: 1000 },
    ],
    ['nodes.ebpfInventory needs SYS_ADMIN to list programs, so it is as privileged as what it watches.', { ebpfInventory: {} }, { ebpfInventory: { engine: 'falco' } }],
    ['nodes.ebpfInventory.engine tetragon needs Tetragon in the cluster.', { ebpfInventory: { engine: 'tetragon' } }, { ebpfInventory: {} }],
    [
      'nodes.ebpfInventory.engine falco needs Falco in namespace security, with the ConfigMap profiling-agents-ebpf-program-load mounted at /etc/falco/rules.d.',
      { ebpfInventory: { engine: 'falco', falcoNamespace: 'security' } }, { ebpfInventory: { engine: 'tetragon' } },
    ],
  ])('notes of the nodes: %s', (note, noted, notNoted) => {
    expect(summaryOf({ nodes: noted }).notes).toContain(note);
    expect(summaryOf({ nodes: notNoted }).notes).not.toContain(note);
    expect(summaryOf().notes).not.toContain(note);
  });

  it('asks for the image of the inventory as long as it has the name that no registry serves', () => {
    const build = 'docker build -t registry.example.com/ebpf-inventory:1 images/ebpf-inventory';
    const commands = (sections: object) => summaryOf(sections).missing.map(({ command }) => command);
    expect(commands({ nodes: { ebpfInventory: {} } })).toContain(build);
    expect(commands({ nodes: { ebpfInventory: { engine: 'falco' } } })).not.toContain(build);
    const withImages = (images: object) => commands({ nodes: { ebpfInventory: {} }, images: { pinning: 'tagsAllowed', ...images } }).filter(command => command.startsWith('docker'));
    expect(withImages({ ebpfInventory: 'registry.example.com/ebpf-inventory:1' })).toEqual([]);
    // A mirror can have it from nowhere either.
    expect(withImages({ registry: 'mirror.example.com' })).toEqual(['docker build -t mirror.example.com/hardened-profiling/ebpf-inventory:1 images/ebpf-inventory']);
    expect(withImages({ registry: 'mirror.example.com', ebpfInventory: 'mirror.example.com/own:1' })).toEqual([]);
  });

  it('names the cluster', () => {
    expect(summaryOf().cluster).toBe('dev');
  });

  it('counts every object by its kind, sorted', () => {
    const { objects } = summaryOf();
    expect(objects.reduce((sum, { count }) => sum + count, 0)).toBe(renderManifests(resolved()).length);
    expect(objects.map(({ kind }) => kind)).toEqual([...objects.map(({ kind }) => kind)].sort());
    expect(objects).toContainEqual({ kind: 'Namespace', count: 2 });
    expect(objects).toContainEqual({ kind: 'DaemonSet', count: 1 });
  });

  it('lists every image once, and whether it is pinned', () => {
    const digest = `@sha256:${'0'.repeat(64)}`;
    expect(summaryOf({ images: { pinning: 'tagsAllowed', agent: `ghcr.io/parca-dev/parca-agent:v0.49.0${digest}` } }).images).toEqual([
      { image: 'docker.io/library/busybox:1.37.0', isPinned: false },
      { image: 'docker.io/library/haproxy:3.2.26', isPinned: false },
      { image: `ghcr.io/parca-dev/parca-agent:v0.49.0${digest}`, isPinned: true },
      { image: 'ghcr.io/parca-dev/parca:v0.28.0', isPinned: false },
    ]);
  });

  const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2027-03-31' };

  it('lists fallbacks with reason and day', () => {
    const nodePools = [{ name: 'new' }, { name: 'old', kernel: '5.4', nodeSelector: { pool: 'old' }, fallback }];
    const summary = summaryOf({ agents: { nodePools } });
    expect(summary.fallbacks).toEqual([{ pool: 'old', reason: 'vendor driver, OPS-4211', remediateBy: '2027-03-31' }]);
    expect(summary.images).toContainEqual({ image: fallback.image, isPinned: false });
    // Alloy has none.
    expect(summaryOf({ agents: { nodePools }, parca: undefined, pyroscope: { tls, tenants: [{ name: 'checkout', namespaces: ['checkout'] }] } }).fallbacks).toEqual([]);
  });

  it('notes node pools that get no agent', () => {
    const nodePools = [{ name: 'new' }, { name: 'old', kernel: '5.4', nodeSelector: { pool: 'old' } }];
    expect(summaryOf({ agents: { nodePools } }).notes).toContain(
      'Node pool old gets no agent: its kernel 5.4 is older than 5.10, and it has no fallback.');
  });

  it('notes that the API server cannot be reached', () => {
    expect(summaryOf().notes).toEqual([SYMBOLS_NOTE, API_SERVER_NOTE]);
    expect(summaryOf({ cluster: { name: 'dev', apiServerCidrs: ['10.0.0.1/32'] } }).notes).toEqual([SYMBOLS_NOTE]);
  });

  it.each<[string, object, boolean]>([
    ['notes', {}, true], ['notes', { egressCidrs: [] }, true], ['does not note', { egressCidrs: ['10.0.0.0/8'] }, false],
  ])('%s that a bucket cannot be reached: %j', (_, keys, isNoted) => {
    const gcs = { bucket: 'profiles', serviceAccount: 'parca-server@my-project.iam.gserviceaccount.com' };
    expect(summaryOf({ parca: { tls, server: { objectStorage: { gcs, ...keys } } } }).notes.includes(BUCKET_NOTE)).toBe(isNoted);
  });

  it('does not note a bucket that is not there', () => {
    expect(summaryOf().notes).not.toContain(BUCKET_NOTE);
  });

  const open = { access: { portForward: { breakGlassGroups: ['emergency'] } } };

  it.each<[string, object, object]>([
    ['admission.action is audit: violations are reported and not refused.', {}, { action: 'enforce' }],
    ['admission.engine kyverno needs Kyverno 1.17 or newer in the cluster.', { engine: 'kyverno' }, { engine: 'validatingAdmissionPolicy' }],
    [
      'admission.engine kyvernoClusterPolicy is deprecated by Kyverno since 1.17 and planned to be removed in 1.20.', { engine: 'kyvernoClusterPolicy' }, { engine: 'kyverno' },
    ],
    [
      'admission.platformGroups is empty: Pod Security labels, NetworkPolicies, bindings and ConfigMaps of the namespaces are guarded by RBAC alone.', {}, { platformGroups: ['platform'] },
    ],
  ])('notes about policies: %s', (note, noted, notNoted) => {
    expect(summaryOf({ admission: noted }).notes).toContain(note);
    expect(summaryOf({ admission: notNoted }).notes).not.toContain(note);
  });

  it('notes that nobody may get into the pods where policies would refuse it', () => {
    const note = 'access.portForward.breakGlassGroups is empty: with admission.action enforce, not even administrators run commands in the pods.';
    expect(summaryOf({ admission: {} }).notes).toContain(note);
    expect(summaryOf({ ...open, admission: {} }).notes).not.toContain(note);
    expect(summaryOf({}).notes).not.toContain(note);
  });

  it('notes what policies cannot do in namespaces of others', () => {
    const note = 'namespaces.create is false: policies that judge a whole namespace are left out, and who may create pods there can be what the profilers are.';
    expect(summaryOf({ namespaces: { create: false }, admission: {} }).notes).toContain(note);
    expect(summaryOf({ namespaces: { create: false } }).notes).not.toContain(note);
    expect(summaryOf({ admission: {} }).notes).not.toContain(note);
  });

  it('has nothing to note about policies that refuse, with all groups named', () => {
    expect(summaryOf({ ...open, admission: { action: 'enforce', platformGroups: ['platform'] } }).notes).toEqual([SYMBOLS_NOTE, API_SERVER_NOTE]);
  });

  it('lists what must still be created, with the commands', () => {
    expect(summaryOf().missing).toEqual([
      {
        what: 'token Secrets: parca-push-token, parca-read-token, parca-symbols-token, parca-metrics-token in profiling; parca-push-token in profiling-agents',
        command: 'hardened-profiling secrets profiling.yaml | kubectl create -f -',
      },
      {
        what: 'TLS Secret parca-tls in profiling, for the host parca.profiling.svc',
        command: 'kubectl create secret tls parca-tls -n profiling --cert=tls.crt --key=tls.key',
      },
      {
        what: 'CA ConfigMap parca-ca in profiling-agents, with the CA of that certificate',
        command: 'kubectl create configmap parca-ca -n profiling-agents --from-file=ca.crt=ca.crt',
      },
    ]);
  });

  it('asks a server without agents for nothing in a namespace of agents', () => {
    const { missing } = summaryOf({ parca: { tls, agent: { enabled: false } } });
    expect(missing.map(({ what }) => what)).toEqual([
      'token Secrets: parca-push-token, parca-read-token, parca-symbols-token, parca-metrics-token in profiling',
      'TLS Secret parca-tls in profiling, for the host parca.profiling.svc',
    ]);
  });

  it('names the Secrets of users in their namespaces, each once', () => {
    const peer = (namespace: string, app: string) => ({ namespace, podLabels: { app } });
    expect(summaryOf({
      access: { readers: [peer('monitoring', 'a'), peer('monitoring', 'b')], scrapers: [peer('monitoring', 'c')], symbolUploaders: [peer('ci', 'd')] },
    }).missing[0].what).toMatch(
      /; parca-push-token in profiling-agents; parca-read-token in monitoring; parca-symbols-token in ci; parca-metrics-token in monitoring$/);
  });

  it('does not ask for a certificate that cert-manager issues', () => {
    const { missing } = summaryOf({
      parca: { namespace: 'obs', tls: { certManager: { issuerRef: { name: 'corp-ca' } }, caConfigMap: { name: 'bundle', key: 'root.pem' } } },
    });
    expect(missing).toHaveLength(2);
    expect(missing[1].command).toBe('kubectl create configmap bundle -n profiling-agents --from-file=root.pem=ca.crt');
  });
});

describe('Summary of Pyroscope', () => {
  const SECRETS = 'hardened-profiling secrets profiling.yaml | kubectl create -f -';
  const whats = (summary: ReturnType<typeof summaryOf>) => summary.missing.map(({ what }) => what);
  const commands = (summary: ReturnType<typeof summaryOf>) => summary.missing.map(({ command }) => command);

  it('names what one command makes in one entry', () => {
    const { missing } = summaryOfTenant();
    const [entry, ...others] = missing.filter(({ command }) => command === SECRETS);
    expect(others).toEqual([]);
    const [ofParca, ofPyroscope] = entry.what.split('; token Secrets of Pyroscope: ');
    expect(ofParca).toBe(summaryOf().missing[0].what);
    expect(ofPyroscope.startsWith('pyroscope-gateway-tokens in pyroscope, pyroscope-push-token in the tenants\' namespaces, alloy-push-tokens in profiling-agents'))
      .toBe(true);
    expect(missing[0]).toBe(entry);
    expect(new Set(commands(summaryOfTenant())).size).toBe(missing.length);
  });

  it('asks for no token that a secret store has', () => {
    const summary = summaryOfTenant({}, { externalSecrets: { storeRef: { name: 'vault' } } });
    expect(whats(summary).join()).not.toContain('token');
    // Nor for the CA, which is there as well.
    expect(commands(summary).filter(command => !command.includes('secret tls'))).toEqual([]);
  });

  it('asks for the certificate of its gateway, unless cert-manager issues it', () => {
    const command = 'kubectl create secret tls pyroscope-tls -n pyroscope --cert=tls.crt --key=tls.key';
    expect(summaryOfTenant().missing).toContainEqual({ what: 'TLS Secret pyroscope-tls in pyroscope, for the host pyroscope-gateway.pyroscope.svc', command });
    expect(commands(summaryOfTenant({}, { parca: { tls: { certManager: { issuerRef: { name: 'corp-ca' } } } } }))).not.toContain(command);
  });

  it('asks for its CA where it is another than Parca\'s', () => {
    const command = 'kubectl create configmap my-ca -n profiling-agents --from-file=root.pem=ca.crt';
    expect(commands(summaryOfTenant({ tls: { secretName: 'a', caConfigMap: { name: 'my-ca', key: 'root.pem' } } }))).toContain(command);
    expect(commands(summaryOfTenant()).filter(text => text.includes('configmap'))).toHaveLength(1);
  });

  it('says how charts are installed that nobody else installs', () => {
    const installs = (keys: object, sections: object = {}) => commands(summaryOfTenant(keys, sections)).filter(command => command.startsWith('helm '))
      .map(command => command.replace(/--repo \S+ --version \S+/, '…'));
    expect(installs({})).toEqual([]);
    expect(installs({ delivery: 'chart' })).toEqual(['helm upgrade --install pyroscope pyroscope … -n pyroscope -f dist/helm/pyroscope.values.yaml']);
    expect(installs({ delivery: 'chart' }, { gitOps: { flux: {} } })).toEqual([]);
    expect(installs({ alloy: { delivery: 'chart' } })).toEqual(['helm upgrade --install alloy alloy … -n profiling-agents -f dist/helm/alloy.values.yaml']);
  });

  it.each<[string, object]>([
    ['Java profiling (checkout) gives Alloy SETUID and SETGID', { tenants: [{ name: 'checkout', namespaces: ['checkout'], java: { enabled: true } }] }],
    ['Tenants that leave: checkout.', { tenants: [{ name: 'checkout', namespaces: ['checkout'], offboarding: true }] }],
    ['cluster.apiServerCidrs is not set: where NetworkPolicies are enforced, the parts of Pyroscope', { delivery: 'chart' }],
    [
      'Reader all sees the last 3d of all its tenants, which is the retention of b.',
      {
        tenants: [{ name: 'a', namespaces: ['a'] }, { name: 'b', namespaces: ['b'], retention: '3d' }, { name: 'c', namespaces: ['c'], retention: '1d' }],
        readers: [{ name: 'all', tenants: ['a', 'b'] }],
      },
    ],
    [
      'Reader history sees the last 3d of all its tenants, which is the retention of anonymous.',
      { retention: '3d', tenants: [{ name: 'a', namespaces: ['a'], retention: '2w' }], readers: [{ name: 'history', tenants: ['a', 'anonymous'] }] },
    ],
    ['Pyroscope from the chart listens on every address of its pods', { delivery: 'chart' }],
    ['pyroscope.grafana.caBundle is not set', { grafana: { namespace: 'monitoring' } }],
    [
      'pyroscope.storage.egressCidrs is not set', { storage: { gcs: { bucket: 'profiles', serviceAccount: 'pyroscope-server@my-project.iam.gserviceaccount.com' } } },
    ],
    [
      'In Grafana, every member of organisation 1 reads the tenants a, b.',
      { grafana: { namespace: 'monitoring' }, tenants: ['a', 'b'].map(name => ({ name, namespaces: [name] })) },
    ],
    [
      'In Grafana, every member of organisation 3 reads the tenants a, b.',
      {
        grafana: { namespace: 'monitoring' },
        tenants: ['b', 'a'].map(name => ({ name, namespaces: [name] })),
        readers: [{ name: 'all', tenants: ['b', 'a'], grafana: { orgId: 3 } }],
      },
    ],
    [
      'What was stored before tenancy was on belongs to tenant anonymous, and is kept for pyroscope.retention (3d).',
      { retention: '3d', readers: [{ name: 'history', tenants: ['anonymous'] }] },
    ],
  ])('notes: %s', (note, keys) => {
    const isNoted = (summary: ReturnType<typeof summaryOf>) => summary.notes.some(text => text.startsWith(note));
    expect(isNoted(summaryOfTenant(keys))).toBe(true);
    expect(isNoted(summaryOfTenant())).toBe(false);
  });

  it('lists the images that charts run', () => {
    const images = summaryOfTenant({ delivery: 'chart', alloy: { delivery: 'chart' } }, { images: { pinning: 'tagsAllowed', registry: 'mirror.example.com' } }).images;
    expect(images.map(({ image }) => image)).toEqual(expect.arrayContaining([
      expect.stringMatching(/^mirror\.example\.com\/grafana\/pyroscope:/), expect.stringMatching(/^mirror\.example\.com\/grafana\/alloy:/),
    ]) as unknown);
  });

  it('counts and lists what is new', () => {
    expect(summaryOfTenant().objects).toContainEqual({ kind: 'Namespace', count: 3 });
    expect(summaryOfTenant().images.map(({ image }) => image)).toEqual(expect.arrayContaining([
      expect.stringContaining('grafana/pyroscope:'), expect.stringContaining('grafana/alloy:'),
    ]) as unknown);
  });
});
