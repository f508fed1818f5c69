import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { AdmissionExemptionSpec } from '../../../../src/api/exemptions';
import { ReservedPrivilege } from '../../../../src/api/exemptions';
import type { ResolvedSpec } from '../../../../src/config/resolved-spec';
import { resolved } from '../../../support';
import type { User } from '../../cluster/api';
import type { Digests } from '../../cluster/images';
import { documentFor, PORT_FORWARDERS } from '../../cluster/installation';
import { ROOT } from '../../harness/documentation';

export const SENSITIVE = 'payments';
export const BREAK_GLASS = 'break-glass';
export const PLATFORM = 'platform';
/** May do everything by RBAC, as the platform group may. */
export const EDITORS = 'editors';

export const administrator: User = { name: 'root', groups: ['system:masters'] };
export const platform: User = { name: 'pat', groups: [PLATFORM] };
export const editor: User = { name: 'eve', groups: [EDITORS] };

/** The how-to whose exemptions stock workloads need. */
export const EXEMPTIONS_PAGE = 'docs/how-to/exempt-node-workloads.md';

/** The exemptions that the how-to gives, as somebody would copy them. */
function documentedExemptions(): object[] {
  const blocks = [...readFileSync(join(ROOT, EXEMPTIONS_PAGE), 'utf8').matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, text]) => load(text));
  return blocks.flatMap(block => (block as { admission?: { exemptions?: object[] } }).admission?.exemptions ?? []);
}

/** The section of the document whose policies the table is about. */
const ADMISSION = {
  platformGroups: [PLATFORM],
  podSecurity: { exemptNamespaces: [{ namespace: 'sandbox', reason: 'experiments of the platform team' }] },
  extraPolicies: [
    {
      name: 'no-latest',
      reason: 'images are named by their version',
      resources: ['pods'],
      namespaces: ['shop'],
      expression: 'object.spec.containers.all(c, !c.image.endsWith(":latest"))',
      message: 'name a version of the image instead of latest',
    },
    {
      name: 'no-scripts',
      reason: 'ConfigMaps here hold no scripts',
      resources: ['configmaps'],
      namespaces: ['shop'],
      expression: '!has(object.data) || object.data.all(k, !k.endsWith(".sh"))',
      message: 'keep scripts out of ConfigMaps here',
    },
  ],
};

/** Beside the agents of the document that is installed: every other workload that there can be in their namespace. */
const POOLS: ReadonlyArray<{ readonly name: string; readonly nodeSelector?: object; readonly [key: string]: unknown }> = [
  { name: 'default' },
  { name: 'gpu', memlock: 'unlimited', appArmorProfile: 'parca-agent', nodeSelector: { pool: 'gpu' }, tolerations: [{ key: 'gpu', effect: 'NoSchedule' }] },
  {
    name: 'legacy',
    kernel: '5.4',
    nodeSelector: { pool: 'legacy' },
    fallback: { image: `ghcr.io/parca-dev/parca-agent:v0.30.0@sha256:${'0'.repeat(64)}`, reason: 'vendor driver, OPS-4211', remediateBy: '2999-03-31' },
  },
];

/** The document that the table is about, for an engine, or with other settings of the pool that has no selector. */
export function specFor(action: 'audit' | 'enforce', digests: Digests, { engine, pool = {} }: { engine?: string; pool?: object } = {}): ResolvedSpec {
  const document = documentFor(digests);
  const nodePools = POOLS.map(one => (one.nodeSelector ? one : { ...one, ...pool }));
  const spec = resolved({
    ...document,
    access: { ...document.access as object, portForward: { groups: [PORT_FORWARDERS], breakGlassGroups: [BREAK_GLASS] } },
    agents: { nodePools },
    nodes: { perfEventParanoid: {}, ebpfInventory: {} },
    pyroscope: { tenants: [{ name: 'checkout', namespaces: ['checkout'] }] },
    admission: { ...ADMISSION, action, ...(engine && { engine }), exemptions: [...documentedExemptions(), ...EXEMPTIONS] },
  });
  // What is over is refused when a document is read; clusters have policies that were made before.
  const admission = spec.admission!;
  return { ...spec, admission: { ...admission, exemptions: [...admission.exemptions, OVER], extraPolicies: [...admission.extraPolicies, FREEZE] } };
}

const EXEMPTIONS = [
  { namespace: 'storage', serviceAccounts: ['mounter'], privileges: ['SYS_ADMIN', 'privileged'], reason: 'mounts volumes', expires: '2999-01-01' },
  { namespace: 'storage', serviceAccounts: ['reader'], hostPaths: [{ path: '/srv/data' }, { path: '/srv/spool', writable: true }], reason: 'reads the data of the node' },
];
const OVER: AdmissionExemptionSpec = { namespace: 'legacy', privileges: [ReservedPrivilege.SYS_ADMIN], reason: 'an exemption that has run out', expires: '2020-01-01' };
const FREEZE = {
  name: 'freeze', reason: 'a freeze of some time ago', expires: '2020-01-01', resources: ['configmaps'], namespaces: ['shop'], expression: 'false', message: 'nothing changes during the freeze',
};

/** Namespaces that rows need and that are not there anyway. */
export const NAMESPACES = ['shop', SENSITIVE, 'monitoring', 'storage', 'legacy', 'calico-system', 'falco', 'logging', 'sandbox'];
