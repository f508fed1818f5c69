import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Suite } from '.';
import { DEFAULT_IMAGES } from '../../../src/versions';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import { isReady } from '../cluster/containers';
import { defineForeignKinds } from '../cluster/definitions';
import { ctr, loadVariant, nameOf, TOOLS_IMAGE } from '../cluster/images';
import { disk, object, tlsSecret } from '../cluster/installation';
import type { Certificate } from '../harness/certificates';
import { newCertificate } from '../harness/certificates';
import { HOST } from '../harness/deployment';
import { ROOT, shell } from '../harness/documentation';
import { run, until } from '../harness/processes';

const OWN_NAMESPACES = ['profiling', 'profiling-agents'];
const USERS_NAMESPACES = ['monitoring', 'shop'];

/** The images that README's app names besides ours, which a registry would have. */
const WORKLOAD_IMAGES = ['docker.io/library/checkout:1.4.2', 'docker.io/grafana/grafana:12.1.0'];

/** README's cdk8s app, with exactly what it tells one to create. */
export const readmeExample: Suite = {
  name: 'readme-example',
  about: 'README\'s cdk8s app, applied with exactly what its own output tells one to create: every pod is ready, the reader reads',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    const folder = mkdtempSync(join(tmpdir(), 'readme-example-'));
    try {
      const certificate = await newCertificate(HOST);
      await prepareCluster(cluster, certificate, folder);
      const summary = await runApp(folder);
      const [apply, ...create] = commandsIn(summary);
      await report.check('The app says what to apply and what to create', 'the commands of profiling.summary', async () => {
        assert.match(apply, /^kubectl apply --server-side -f /);
        assert.ok(create.length >= 2, summary);
        return [apply, ...create].join('; ');
      });
      await report.check('These commands succeed', 'as they are printed, one after the other', async () => {
        for (const command of [apply, ...create]) { await inFolder(folder, command); }
      });
      await report.each('Every pod of the app is ready', [...OWN_NAMESPACES, ...USERS_NAMESPACES], namespace => `namespace ${namespace}`,
        namespace => readyPods(cluster, namespace));
      await report.check('The reader reads', 'a request from Grafana\'s pod, with the token that is mounted there', async () => {
        const [grafana] = await cluster.api.list<Pod>('Pod', 'monitoring', 'hardened-profiling/reader=true');
        const status = (authorization: string): Promise<string> => until('an answer', 30, async () => {
          const { output } = await cluster.kubectl.run([
            'exec', '-i', '-n', 'monitoring', grafana.metadata.name, '--', 'sh', '-c',
            `curl -s -m 5 -o /dev/null -w 'status %{http_code}\\n' --cacert /dev/stdin ${authorization} https://parca.profiling.svc:7443/api/profiles/types`,
          ], { strict: false, input: certificate.certificate });
          return /status ([1-9]\d\d)/.exec(output)?.[1];
        });
        assert.equal(await status('-H "Authorization: Bearer $(cat /var/run/secrets/parca/token)"'), '200');
        assert.equal(await status(''), '401');
        return '200 with the token, 401 without';
      });
    } finally {
      rmSync(folder, { recursive: true });
      await clear(cluster);
    }
  },
};

/** Takes everything away: other suites install something else under the same names. */
async function clear({ kubectl }: Cluster): Promise<void> {
  const namespaces = [...OWN_NAMESPACES, ...USERS_NAMESPACES];
  // Pods first, and nobody to make them again: a namespace that still has some looks again only after half of their grace period.
  for (const namespace of namespaces) {
    await kubectl.run(['delete', 'daemonsets,deployments,statefulsets', '--all', '-n', namespace, '--cascade=orphan'], { strict: false });
    await kubectl.run(['delete', 'replicasets,pods', '--all', '-n', namespace, '--grace-period=0', '--force', '--wait=false'], { strict: false });
  }
  await kubectl.run(['delete', 'namespace', ...namespaces, '--ignore-not-found', '--wait=false']);
  await kubectl.run(['wait', '--for=delete', ...namespaces.map(namespace => `namespace/${namespace}`), '--timeout=150s'], { seconds: 160 });
  await kubectl.run(['delete', 'persistentvolume', 'profiling', '--ignore-not-found', '--wait=false']);
}

/** What a cluster has before one installs anything: its users' namespaces, cert-manager, storage, and a registry with the images. */
async function prepareCluster(cluster: Cluster, certificate: Certificate, folder: string): Promise<void> {
  const { kubectl, programs } = cluster;
  await defineForeignKinds(kubectl);
  await kubectl.apply([...USERS_NAMESPACES, 'profiling'].map(name => object('v1', 'Namespace', name)));
  // What cert-manager would make of the Certificate, and the authority that one asks one's issuer for.
  await kubectl.apply([tlsSecret('parca-tls', 'profiling', certificate), disk('profiling', 'parca', '10Gi')]);
  writeFileSync(join(folder, 'ca.crt'), certificate.certificate);
  for (const key of ['parca', 'agent', 'gateway', 'preflight'] as const) {
    await ctr('images', 'tag', '--force', DEFAULT_IMAGES[key], `${nameOf(DEFAULT_IMAGES[key])}@sha256:${'0'.repeat(64)}`);
  }
  for (const reference of WORKLOAD_IMAGES) { await loadVariant(reference, TOOLS_IMAGE, { entrypoint: ['/bin/sleep', '3600'], user: '472' }, programs); }
}

/** Runs README's app as its users would, in a folder where the library is installed. Returns what it prints. */
async function runApp(folder: string): Promise<string> {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [app, own] = ['ts', 'js'].map(language => new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(readme)![1]);
  writeFileSync(join(folder, 'main.ts'), `import { writeFileSync } from 'node:fs';\n${app}\n${own}`);
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, 'cdk8s-hardened-profiling'));
  ['cdk8s', 'cdk8s-plus-28', 'constructs'].forEach(name => symlinkSync(join(ROOT, 'node_modules', name), join(modules, name)));
  writeFileSync(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "module": "node16", "target": "es2022" } }');
  const { stdout } = await run(process.execPath, ['-r', join(ROOT, 'node_modules/ts-node/register/transpile-only'), 'main.ts'], { cwd: folder });
  // Constructs of cdk8s-plus pull images again, which cannot be done here, and ask for a whole core each, of which the node has two.
  for (const file of readdirSync(join(folder, 'dist')).map(name => join(folder, 'dist', name))) {
    const text = readFileSync(file, 'utf8').replaceAll('imagePullPolicy: Always', 'imagePullPolicy: IfNotPresent').replaceAll('cpu: 1000m', 'cpu: 10m');
    writeFileSync(file, text);
  }
  return stdout;
}

/** Commands stand under the title Next, and indented under the one of what to create. */
function commandsIn(summary: string): string[] {
  return summary.split('\n').map(line => line.trim()).filter(line => /^(kubectl|hardened-profiling) /.test(line));
}

function inFolder(folder: string, command: string): Promise<unknown> {
  return shell(`set -o pipefail\ncd ${folder}\nhardened-profiling() { ${process.execPath} ${join(ROOT, 'bin/hardened-profiling')} "$@"; }\n${command}`);
}

async function readyPods(cluster: Cluster, namespace: string): Promise<string> {
  const pods = await until(`pods of ${namespace} are ready`, 120, async () => {
    const found = await cluster.api.list<Pod>('Pod', namespace);
    return found.length > 0 && found.every(isReady) ? found : undefined;
  }).catch(async (error: Error) => {
    const { stdout } = await cluster.kubectl.run(['get', 'events', '-n', namespace, '--field-selector', 'type=Warning', '-o', 'custom-columns=:.message']);
    throw new Error(`${error.message}\n${stdout}`);
  });
  return pods.map(({ metadata }) => metadata.name).join(', ');
}
