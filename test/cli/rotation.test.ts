import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { MINIMAL_DOCUMENT, runMain, TENANTS_DOCUMENT } from './terminal';

let folder: string;
beforeEach(() => { folder = fs.mkdtempSync(join(tmpdir(), 'rotation-')); });
afterEach(() => fs.rmSync(folder, { recursive: true }));

const READERS_DOCUMENT = `${MINIMAL_DOCUMENT}access: { readers: [{ namespace: monitoring, podLabels: { a: b } }, { namespace: office, podLabels: { a: b } }] }\n`;
const GATEWAY = 'profiling/parca-read-token';
const [GRAFANA, OFFICE] = ['monitoring/parca-read-token', 'office/parca-read-token'];
const [OLD, OTHER] = ['old-token-of-the-readers', 'token-of-somebody-else'];
const digest = (token: string) => createHash('sha256').update(token).digest('hex');

interface Secret {
  metadata: { namespace: string; name: string; resourceVersion?: string; annotations?: Record<string, string> };
  data?: Record<string, string>;
  stringData?: Record<string, string>;
}
type Contents = Record<string, Record<string, string>>;

/** A cluster's Secrets, on which commands are run as how-tos run them. */
class Cluster {
  public readonly secrets = new Map<string, Secret>();

  constructor(private readonly document: string, contents: Contents = {}) {
    Object.entries(contents).forEach(([id, data]) => this.put(id, data));
  }

  public put(id: string, texts: Record<string, string>): void {
    const [namespace, name] = id.split('/');
    const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
    this.secrets.set(id, { metadata: { namespace, name, resourceVersion: '7' }, data });
  }

  /** `kubectl create -f -` of what `secrets` prints. */
  public create(): this {
    this.apply(runMain(['secrets', this.file()]).out);
    return this;
  }

  /** `kubectl get … | hardened-profiling secrets --rotate … | kubectl replace -f -`; all Secrets but those that are left out arrive. */
  public rotate(args: string[], leaveOut: string[] = []): { code: number; err: string; written: string[] } {
    const { code, out, err } = this.run(args);
    const written = this.apply(out, leaveOut);
    return { code, err, written };
  }

  public run(args: string[], input = JSON.stringify({ kind: 'List', items: [...this.secrets.values()].map(secret => ({ kind: 'Secret', ...secret })) })) {
    const file = join(folder, 'input.json');
    fs.writeFileSync(file, input);
    const descriptor = fs.openSync(file, 'r');
    try {
      return runMain(['secrets', this.file(), ...args], { input: descriptor });
    } finally {
      fs.closeSync(descriptor);
    }
  }

  public text(id: string, key: string): string {
    return Buffer.from(this.secrets.get(id)?.data?.[key] ?? '', 'base64').toString();
  }

  public keys(id: string): string[] {
    return Object.keys(this.secrets.get(id)?.data ?? {});
  }

  public everything(namespace: string): string {
    return [...this.secrets].filter(([id]) => id.startsWith(`${namespace}/`))
      .map(([id, { metadata }]) => JSON.stringify([metadata, this.keys(id).map(key => this.text(id, key))])).join();
  }

  private apply(out: string, leaveOut: string[] = []): string[] {
    const documents = parseAllDocuments(out).map(document => document.toJS() as Secret & { items?: Secret[] });
    return documents.flatMap(({ items, ...secret }) => items ?? [secret]).map(secret => {
      const id = `${secret.metadata.namespace}/${secret.metadata.name}`;
      const texts = Object.entries(secret.stringData ?? {}).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
      const data = { ...secret.data, ...Object.fromEntries(texts) as object };
      if (!leaveOut.includes(id)) { this.secrets.set(id, { ...secret, stringData: undefined, data }); }
      return id;
    });
  }

  private file(): string {
    const file = join(folder, 'profiling.yaml');
    fs.writeFileSync(file, this.document);
    return file;
  }
}

const READ = ['--rotate', 'read', '--step'];
const readers = () => new Cluster(READERS_DOCUMENT, { [GATEWAY]: { sha256: digest(OLD) }, [GRAFANA]: { token: OLD }, [OFFICE]: { token: OLD } });

describe('Rotation of a token', () => {
  it('lets the gateway accept a new token beside the old one, which its users still have', () => {
    const cluster = readers();
    const { code, err } = cluster.rotate([...READ, 'accept']);
    const next = cluster.text(GRAFANA, 'token.next');
    expect(code).toBe(0);
    expect(next).toMatch(/^[0-9a-f]{64}$/);
    expect(cluster.text(GATEWAY, 'sha256')).toBe(`${digest(OLD)}\n${digest(next)}`);
    expect([GRAFANA, OFFICE].map(id => [cluster.text(id, 'token'), cluster.text(id, 'token.next')])).toEqual([[OLD, next], [OLD, next]]);
    expect(err).toBe('Step 1 of 3: the gateway accepts a new token beside the old one, within two minutes after this is applied. Then: --step use\n');
  });

  it('begins with that step when none is named', () => {
    expect(readers().rotate(['--rotate', 'read']).err).toMatch(/^Step 1 of 3/);
  });

  it('hands the new token out, and leaves the gateway alone', () => {
    const cluster = readers();
    cluster.rotate([...READ, 'accept']);
    const next = cluster.text(GRAFANA, 'token.next');
    expect(cluster.rotate([...READ, 'use'])).toEqual({
      code: 0,
      err: 'Step 2 of 3: the Secrets of the users hold the new token. Restart what reads its token at start.\nWhen every client has it: --step end\n',
      written: [GRAFANA, OFFICE],
    });
    expect([GRAFANA, OFFICE].map(id => [cluster.text(id, 'token'), cluster.keys(id)])).toEqual([[next, ['token']], [next, ['token']]]);
  });

  it('ends the old token, and touches only the gateway', () => {
    const cluster = readers();
    ['accept', 'use'].forEach(step => cluster.rotate([...READ, step]));
    expect(cluster.rotate([...READ, 'end'])).toEqual({
      code: 0, err: 'Step 3 of 3: the gateway accepts the token that is in use and no other; 1 ends.\n', written: [GATEWAY],
    });
    expect(cluster.text(GATEWAY, 'sha256')).toBe(digest(cluster.text(GRAFANA, 'token')));
  });

  it('accepts at every moment what any user has, also while only some Secrets have arrived', () => {
    for (const late of [GATEWAY, GRAFANA, OFFICE]) {
      const cluster = readers();
      const check = () => [GRAFANA, OFFICE].forEach(id => expect(cluster.text(GATEWAY, 'sha256')).toContain(digest(cluster.text(id, 'token'))));
      for (const step of ['accept', 'use', 'end']) {
        cluster.rotate([...READ, step], [late]);
        check();
        expect(cluster.rotate([...READ, step]).code).toBe(step === 'use' && late === GATEWAY ? 2 : 0);
        check();
      }
      expect(cluster.text(GATEWAY, 'sha256')).toBe(digest(cluster.text(GRAFANA, 'token')));
      expect(cluster.text(GRAFANA, 'token')).not.toBe(OLD);
    }
  });

  it('is the same when a step is repeated', () => {
    const cluster = readers();
    for (const step of ['accept', 'end']) {
      if (step === 'end') { cluster.rotate([...READ, 'use']); }
      cluster.rotate([...READ, step]);
      const before = JSON.stringify([...cluster.secrets]);
      cluster.rotate([...READ, step]);
      expect(JSON.stringify([...cluster.secrets])).toBe(before);
    }
  });

  it('turns raw tokens that the gateway had into digests', () => {
    const cluster = readers();
    cluster.put(GATEWAY, { 'token': `${OLD}\n`, 'token-previous': OTHER, 'sha256': `${digest('a third one').toUpperCase()}\nno digest\n` });
    cluster.rotate([...READ, 'accept']);
    expect(cluster.keys(GATEWAY)).toEqual(['sha256']);
    expect(cluster.text(GATEWAY, 'sha256').split('\n')).toEqual([digest(OTHER), digest(OLD), digest('a third one'), digest(cluster.text(GRAFANA, 'token.next'))]);
  });

  it('leaves no raw token in the namespace of the gateway, nor in the copy that kubectl apply keeps', () => {
    const cluster = readers();
    cluster.put(GATEWAY, { token: OLD });
    cluster.secrets.get(GATEWAY)!.metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': `{"stringData":{"token":"${OLD}"}}`, 'mine': 'stays' };
    for (const step of ['accept', 'use', 'end']) {
      cluster.rotate([...READ, step]);
      [OLD, cluster.text(GRAFANA, 'token'), cluster.text(GRAFANA, 'token.next')].filter(Boolean).forEach(token => {
        expect(cluster.everything('profiling')).not.toContain(token);
      });
    }
    expect(cluster.secrets.get(GATEWAY)!.metadata.annotations).toEqual({ mine: 'stays' });
  });

  it('keeps the raw token where the document says that it is used, or that nobody else has it', () => {
    const cluster = new Cluster(MINIMAL_DOCUMENT).create();
    const old = cluster.text('profiling/parca-symbols-token', 'token');
    ['accept', 'use', 'end'].forEach(step => expect(cluster.rotate(['--rotate', 'symbols', '--step', step]).code).toBe(0));
    const token = cluster.text('profiling/parca-symbols-token', 'token');
    expect(token).not.toBe(old);
    expect(cluster.text('profiling/parca-symbols-token', 'sha256')).toBe(digest(token));
  });

  it('changes whole Secrets at the version that was read, so that nothing of others is lost', () => {
    const cluster = readers();
    cluster.put(GRAFANA, { token: OLD, extra: 'mine' });
    cluster.rotate([...READ, 'accept']);
    expect(cluster.text(GRAFANA, 'extra')).toBe('mine');
    expect([...cluster.secrets.values()].map(({ metadata }) => metadata.resourceVersion)).toEqual(['7', '7', '7']);
  });

  it('gives a token to a user who has none yet', () => {
    const cluster = readers();
    cluster.put(OFFICE, {});
    ['accept', 'use', 'end'].forEach(step => cluster.rotate([...READ, step]));
    expect(cluster.text(OFFICE, 'token')).toBe(cluster.text(GRAFANA, 'token'));
  });

  it('says when the gateway accepts tokens that nobody in the document has, and ends them', () => {
    const cluster = readers();
    cluster.put(GATEWAY, { sha256: `${digest(OTHER)}\n${digest(OLD)}` });
    expect(cluster.rotate([...READ, 'accept']).err).toContain('The gateway also accepts 1 other token that no Secret of the document holds. --step end ends that.');
    cluster.rotate([...READ, 'use']);
    expect(cluster.rotate([...READ, 'end']).err).toContain('2 end.');
  });
});

describe('A step that is not in turn', () => {
  it.each<[string, (cluster: Cluster) => void, string, string, string]>([
    ['use before accept', () => {}, 'use', '--step use finds no new token that the gateway accepts', 'begin with --step accept'],
    ['end before use', cluster => cluster.rotate([...READ, 'accept']), 'end', '--step end finds a new token that was not handed out', 'go on with --step use'],
    ['use where somebody else wrote a token', cluster => cluster.put(GRAFANA, { 'token': OLD, 'token.next': OTHER }), 'use', 'finds no new token that the gateway accepts', 'accept'],
    ['use where somebody wrote the old token', cluster => {
      cluster.rotate([...READ, 'accept']);
      [GRAFANA, OFFICE].forEach(id => cluster.put(id, { 'token': OLD, 'token.next': OLD }));
    }, 'use', 'finds no new token that the gateway accepts', 'accept'],
    ['use where two tokens wait', cluster => {
      cluster.rotate([...READ, 'accept']);
      cluster.put(OFFICE, { 'token': OLD, 'token.next': OTHER });
    }, 'use', 'finds no new token that the gateway accepts', 'accept'],
    ['end where a user went back to the old token', cluster => {
      ['accept', 'use'].forEach(step => cluster.rotate([...READ, step]));
      cluster.put(OFFICE, { token: OLD });
    }, 'end', '--step end finds users without the newest token of the gateway', 'begin with --step accept'],
    ['end where a user has no token', cluster => cluster.put(OFFICE, {}), 'end', '--step end finds users without the newest token of the gateway', 'accept'],
    ['end where the gateway accepts none', cluster => cluster.put(GATEWAY, {}), 'end', '--step end finds users without the newest token of the gateway', 'accept'],
  ])('is refused, and nothing is printed: %s', (_, prepare, step, message, fix) => {
    const cluster = readers();
    prepare(cluster);
    const { code, out, err } = cluster.run([...READ, step]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain(fix);
    [OLD, OTHER].forEach(token => expect(err).not.toContain(token));
  });

  it('is refused without a role, which would make new tokens for all', () => {
    const { code, out, err } = readers().run(['--step', 'use']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('(root): --step has nothing to change\n  found    use\n  allowed  beside --rotate\n  fix      add --rotate <role>\n');
  });

  it('replaces a token that somebody else wrote beside the old one', () => {
    const cluster = readers();
    cluster.put(GRAFANA, { 'token': OLD, 'token.next': OTHER });
    cluster.rotate([...READ, 'accept']);
    expect(cluster.text(GATEWAY, 'sha256')).not.toContain(digest(OTHER));
    expect(cluster.text(GRAFANA, 'token.next')).toBe(cluster.text(OFFICE, 'token.next'));
  });
});

describe('Rotation for a node pool', () => {
  const DOCUMENT = `${MINIMAL_DOCUMENT}agents:
  nodePools:
    - { name: default }
    - { name: edge, nodeSelector: { pool: edge }, pushToken: { secretName: edge-token } }
`;
  const [SHARED, EDGE] = ['parca-push-token', 'edge-token'].map(name => ({ gateway: `profiling/${name}`, agents: `profiling-agents/${name}` }));

  it.each([
    ['the token of all other pools', ['--rotate', 'push'], SHARED, EDGE],
    ['its own token alone', ['--rotate', 'push', '--pool', 'edge'], EDGE, SHARED],
  ])('changes %s', (_, args, changed, kept) => {
    const cluster = new Cluster(DOCUMENT).create();
    const before = [changed, kept].map(({ gateway, agents }) => [cluster.text(gateway, 'sha256'), cluster.text(agents, 'token')]);
    ['accept', 'use', 'end'].forEach(step => expect(cluster.rotate([...args, '--step', step]).code).toBe(0));
    const after = [changed, kept].map(({ gateway, agents }) => [cluster.text(gateway, 'sha256'), cluster.text(agents, 'token')]);
    expect(after[1]).toEqual(before[1]);
    expect(after[0][1]).not.toBe(before[0][1]);
    expect(after[0][0]).toBe(digest(after[0][1]));
  });

  it.each<[string[], string, string, string]>([
    [['--rotate', 'push', '--pool', 'default'], '--pool names no node pool with a push token of its own', 'default', 'edge'],
    [['--rotate', 'read', '--pool', 'edge'], '--pool is for the role push alone', 'read', '--rotate push'],
    [['--pool', 'edge'], '--pool has nothing to change', 'edge', 'beside --rotate'],
  ])('is refused: %j', (args, message, found, allowed) => {
    const { code, out, err } = new Cluster(DOCUMENT).create().run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`(root): ${message}\n  found    ${found}\n  allowed  ${allowed}\n`);
  });
});

describe('Rotation for a tenant', () => {
  const DOCUMENT = `${TENANTS_DOCUMENT}  grafana: { namespace: monitoring }\n`.replace('name: checkout,', 'name: checkout, grafana: { orgId: 2 },');
  const PYROSCOPE = 'pyroscope/pyroscope-gateway-tokens';

  it.each([
    ['push', ['checkout/pyroscope-push-token', 'checkout-jobs/pyroscope-push-token'], 'token'],
    ['agent', ['profiling-agents/alloy-push-tokens'], 'checkout'],
    ['read', ['monitoring/pyroscope-datasource-checkout'], 'pyroscope-checkout.yaml'],
  ])('changes its token for %s and no other', (role, users, key) => {
    const cluster = new Cluster(DOCUMENT).create();
    const texts = (id: string): Record<string, string> => Object.fromEntries(cluster.keys(id).map(name => [name, cluster.text(id, name)]));
    const before = new Map([...cluster.secrets].map(([id]) => [id, texts(id)]));
    const steps = ['accept', 'use', 'end'].map(step => cluster.rotate(['--rotate', role, '--tenant', 'checkout', '--step', step]));
    expect(steps.map(({ code, written }) => [code, written])).toEqual([[0, [PYROSCOPE, ...users]], [0, users], [0, [PYROSCOPE]]]);
    const digests = cluster.text(PYROSCOPE, `checkout.${role}`);
    users.forEach(id => {
      expect(cluster.text(id, key)).not.toBe(before.get(id)![key]);
      const token = /Bearer (\w+)/.exec(cluster.text(id, key))?.[1] ?? cluster.text(id, key);
      expect(digest(token)).toBe(digests);
    });
    const changed = [...before].flatMap(([id, data]) => Object.keys({ ...data, ...cluster.secrets.get(id)!.data }).filter(name => cluster.text(id, name) !== data[name]).map(name => `${id} ${name}`));
    expect(changed.sort()).toEqual([`${PYROSCOPE} checkout.${role}`, ...users.map(id => `${id} ${key}`)].sort());
  });

  it('changes the token for the metrics of Pyroscope', () => {
    const cluster = new Cluster(DOCUMENT).create();
    const old = cluster.text(PYROSCOPE, 'metrics');
    ['accept', 'use', 'end'].forEach(step => expect(cluster.rotate(['--rotate', 'pyroscope-metrics', '--step', step]).code).toBe(0));
    expect(cluster.text(PYROSCOPE, 'metrics')).not.toBe(old);
    expect(cluster.text(PYROSCOPE, 'metrics')).toBe(digest(cluster.text('pyroscope/pyroscope-metrics-token', 'token')));
  });

  it.each<[string, string[], string, string]>([
    ['a role of tenants without one', ['--rotate', 'agent'], '--rotate names no token without --tenant\n  found    agent', 'metrics, push, read, symbols, pyroscope-metrics'],
    ['a role of Parca with a tenant', ['--rotate', 'symbols', '--tenant', 'checkout'], '--rotate names no token of this tenant\n  found    symbols', 'agent, push, read'],
    ['a reader that pushes', ['--rotate', 'push', '--tenant', 'all'], '--rotate names no token of this tenant\n  found    push', 'allowed  read'],
    ['a tenant that is not there', ['--rotate', 'push', '--tenant', 'nobody'], '--tenant names no tenant', 'checkout, metrics, all'],
  ])('is refused for %s', (_, args, message, allowed) => {
    const { code, out, err } = new Cluster(DOCUMENT).create().run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain(allowed);
  });

  it('is refused where a secret store has the tokens', () => {
    const cluster = new Cluster(`${TENANTS_DOCUMENT}  externalSecrets: { storeRef: { name: vault } }\n`).create();
    expect(cluster.run(['--rotate', 'push', '--tenant', 'checkout'])).toMatchObject({ code: 2, out: '' });
    expect(cluster.run(['--rotate', 'pyroscope-metrics'])).toMatchObject({ code: 2, out: '' });
  });
});

describe('Secrets on standard input', () => {
  it('may be missing, of which each is named with how to make it', () => {
    const cluster = readers();
    cluster.secrets.delete(GRAFANA);
    cluster.secrets.delete(GATEWAY);
    const { code, out, err } = cluster.run([...READ, 'accept']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^standard input: 2 problems\n/);
    expect(err).toContain('(root): lacks the Secret parca-read-token of namespace monitoring');
    expect(err).toContain('kubectl create secret generic parca-read-token -n monitoring\n');
    expect(err).toContain('kubectl label secret parca-read-token -n monitoring app.kubernetes.io/managed-by=cdk8s-hardened-profiling\n');
  });

  it.each(['', 'null', '[]', '{}', 'kind: List', '{"items":[{"kind":"ConfigMap","metadata":{"name":"a","namespace":"b"}}]}', '{"items":[{"kind":"Secret"}]}',
    '{"items":[{"kind":"Secret","metadata":{"name":"a","namespace":"b"},"data":{"token":1}}]}', `${'['.repeat(100)}${']'.repeat(100)}`])('are refused when they are none: %j', input => {
    const { code, out, err } = readers().run([...READ, 'accept'], input);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('standard input: 1 problem\n\n(root): is no list of Secrets');
    expect(err).toContain('kubectl get secrets --all-namespaces -l app.kubernetes.io/managed-by=cdk8s-hardened-profiling -o json |');
  });

  it('are found by the label that every Secret of ours has', () => {
    const { out } = runMain(['secrets', join(__dirname, '../../examples/tenants.profiling.yaml')]);
    const made = parseAllDocuments(out).map(document => (document.toJS() as { metadata: { labels: object } }).metadata.labels);
    expect(made.length).toBeGreaterThan(5);
    made.forEach(labels => expect(labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'cdk8s-hardened-profiling' }));
  });
});
