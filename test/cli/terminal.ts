import { main } from '../../src/cli/main';
import type { Terminal } from '../../src/cli/screen';
import { Screen } from '../../src/cli/screen';
import type { Line } from '../../src/summary/lines';

/** What a run of the command line gave. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Who watches, and what comes in. */
export type Setting = Partial<Pick<Terminal, 'input' | 'isInteractive' | 'isOutputShown'>>;

const NOBODY = { input: -1, isInteractive: false, isOutputShown: false } as const;

/** Lines as they are written beside the output. */
export function written(lines: readonly Line[], setting: Setting = {}): string {
  let text = '';
  new Screen({ ...NOBODY, ...setting, out: () => {}, err: more => { text += more; } }).tell(lines);
  return text;
}

/** Runs the command line in this process, by default where nobody watches and nothing comes in. */
export function runMain(args: readonly string[], setting: Setting = {}): Outcome {
  const texts = { out: '', err: '' };
  const code = main(args, { ...NOBODY, ...setting, out: text => { texts.out += text; }, err: text => { texts.err += text; } });
  return { code, ...texts };
}

export const MINIMAL_DOCUMENT = `cluster:
  name: dev
images:
  pinning: tagsAllowed
parca:
  tls: { secretName: parca-tls-secret }
`;

export const PRODUCTION_DOCUMENT = `cluster:
  name: prod-us-east-1
  kubernetesVersion: "1.33"
  apiServerCidrs: [10.0.0.10/32]
images:
  pinning: tagsAllowed
scope:
  optInLabel: { key: profiling, value: enabled }
  sensitiveNamespaces: [payments, auth, secrets-operator]
agents:
  namespace: profiling-agents
  nodePools:
    - name: default
      kernel: "5.15"
    - name: legacy
      kernel: "5.4"
      nodeSelector: { pool: legacy }
      fallback:
        image: ghcr.io/parca-dev/parca-agent:v0.30.0
        reason: "AMI pinned by vendor driver, ticket OPS-4211"
        remediateBy: "2027-03-31"
parca:
  namespace: profiling
  server:
    activeMemory: 512Mi
    persistence: { size: 50Gi }
  tls:
    certManager: { issuerRef: { kind: ClusterIssuer, name: corp-ca } }
    caConfigMap: { name: corp-ca-bundle, key: ca.crt }
  tokens:
    read: { secretName: parca-api-token }
    push: { secretName: parca-agent-push-token }
access:
  portForward: { groups: [sre-team], breakGlassGroups: [platform-breakglass] }
  readers:
    - { namespace: monitoring, podLabels: { app.kubernetes.io/name: grafana } }
  scrapers:
    - { namespace: monitoring, podLabels: { app.kubernetes.io/name: prometheus } }
`;

export const TENANTS_DOCUMENT = `${MINIMAL_DOCUMENT}pyroscope:
  tenants:
    - { name: checkout, namespaces: [checkout, checkout-jobs] }
    - { name: metrics, namespaces: [statistics], ebpf: { enabled: false } }
    - { name: gone, namespaces: [gone], offboarding: true }
  readers:
    - { name: all, tenants: [checkout, metrics] }
`;
