import { NODE_RESOURCES } from './resources';
import type { NodePoolSpec } from '../api/agents';
import type { EbpfInventorySpec } from '../api/ebpf-inventory';
import { EbpfInventoryEngine } from '../api/ebpf-inventory';
import type { NodesSpec } from '../api/nodes';
import { NodesDelivery, PerfEventParanoidMode } from '../api/nodes';
import { agentMode } from '../config/agent-mode';
import { DEFAULTS } from '../config/defaults';
import type { Partially, PartialSpec } from '../config/partial-spec';
import { hasParcaAgents, isInvalid } from '../config/partial-spec';
import { podChecks } from '../config/pod-checks';
import type { Problem } from '../config/problem';

type Nodes = Partially<NodesSpec>;

/** Rules of the section `nodes`; each is asked only if there is one. */
const CHECKS: ReadonlyArray<(nodes: Nodes, spec: PartialSpec) => Problem[]> = [
  leftValue,
  startingAgents,
  exactFiles,
  deliveredSettings,
  engineOptions,
  uniquePrograms,
  podSettings,
];

/** Settings of both DaemonSets: a request has to fit the smaller of their limits. */
function podSettings({ pod }: Nodes, spec: PartialSpec): Problem[] {
  const { cpuRequest, memoryRequest, settingsMemory, inventoryMemory } = NODE_RESOURCES;
  const memoryLimit = appliesSettings(spec) ? settingsMemory : inventoryMemory;
  return podChecks([{ path: ['nodes', 'pod'], pod, defaults: { cpuRequest, memoryRequest, memoryLimit } }]);
}

/** Every contradiction in the section `nodes`. */
export function nodesChecks(spec: PartialSpec): Problem[] {
  return spec.nodes ? CHECKS.flatMap(check => check(spec.nodes!, spec)) : [];
}

/** Whether a DaemonSet will hold settings of the nodes. */
export function appliesSettings({ nodes }: PartialSpec): boolean {
  return nodes !== undefined && !isInvalid(nodes, 'delivery') && nodes.delivery !== NodesDelivery.NODE_CONFIGURATION && setsSomething(nodes);
}

/** Whether a DaemonSet will list the eBPF programs of the nodes. */
export function listsPrograms({ nodes }: PartialSpec): boolean {
  return nodes?.ebpfInventory !== undefined && isBundled(nodes.ebpfInventory);
}

function isBundled(inventory: Partially<EbpfInventorySpec>): boolean {
  return !isInvalid(inventory, 'engine') && (inventory.engine ?? EbpfInventoryEngine.BUNDLED) === EbpfInventoryEngine.BUNDLED;
}

function setsSomething({ perfEventParanoid, perfEventMaxSampleRate }: Nodes): boolean {
  return perfEventMaxSampleRate !== undefined
    || (perfEventParanoid !== undefined && !isInvalid(perfEventParanoid, 'mode') && perfEventParanoid.mode !== PerfEventParanoidMode.LEAVE);
}

function leftValue({ perfEventParanoid }: Nodes): Problem[] {
  return perfEventParanoid?.mode === PerfEventParanoidMode.LEAVE && perfEventParanoid.value !== undefined ? [{
    path: ['nodes', 'perfEventParanoid', 'value'],
    message: 'means nothing with mode `leave`',
    found: `${perfEventParanoid.value}`,
    allowed: 'no value',
    fix: 'remove it, or use mode `atLeast`',
  }] : [];
}

/** Above 2 the kernels of two distributions want SYS_ADMIN, and mainline kernels do not differ. */
function startingAgents({ perfEventParanoid }: Nodes, spec: PartialSpec): Problem[] {
  const value = perfEventParanoid?.value ?? DEFAULTS.nodes.paranoid;
  if (value <= DEFAULTS.nodes.paranoid || perfEventParanoid?.mode === PerfEventParanoidMode.LEAVE) { return []; }
  const { agents } = spec;
  if (!hasParcaAgents(spec) && !spec.pyroscope) { return []; }
  const all: ReadonlyArray<Partially<NodePoolSpec> | undefined> = isInvalid(spec, 'agents') || isInvalid(agents, 'nodePools') ? [] : agents?.nodePools ?? DEFAULTS.nodePools;
  const pools = all.flatMap(pool => pool && !isInvalid(pool, 'kernel') && agentMode(pool) === 'leastPrivilege' ? [pool.name ?? '?'] : []);
  return pools.length === 0 ? [] : [{
    path: ['nodes', 'perfEventParanoid', 'value'],
    message: `stops the agents of ${pools.length === 1 ? `pool ${pools[0]}` : `${pools.length} pools, such as ${pools[0]}`} on kernels of Debian and Ubuntu, `
      + 'which demand SYS_ADMIN there; to mainline kernels it means the same as 2',
    found: `${value}`,
    allowed: `${DEFAULTS.nodes.paranoid}, or more if every pool runs the fallback with SYS_ADMIN`,
    fix: `write value: ${DEFAULTS.nodes.paranoid}. With mode \`atLeast\`, nodes that have more keep it`,
  }];
}

/** A file of settings cannot look first. */
function exactFiles(nodes: Nodes): Problem[] {
  const { delivery, perfEventParanoid } = nodes;
  const mode = perfEventParanoid?.mode ?? PerfEventParanoidMode.AT_LEAST;
  if (delivery !== NodesDelivery.NODE_CONFIGURATION || !perfEventParanoid || isInvalid(perfEventParanoid, 'mode') || mode !== PerfEventParanoidMode.AT_LEAST) { return []; }
  return [{
    path: ['nodes', 'perfEventParanoid', 'mode'],
    message: 'cannot be said in a file of kernel settings, which replaces whatever the node has',
    found: mode,
    allowed: `${PerfEventParanoidMode.EXACT} with delivery ${NodesDelivery.NODE_CONFIGURATION}`,
    fix: 'write `mode: exact`, which lowers a distribution\'s 3 or 4 to the value, or remove `delivery`',
  }];
}

function deliveredSettings(nodes: Nodes): Problem[] {
  const isUnknown = isInvalid(nodes, 'perfEventParanoid') || isInvalid(nodes.perfEventParanoid, 'mode') || isInvalid(nodes, 'perfEventMaxSampleRate');
  return nodes.delivery === undefined || setsSomething(nodes) || isUnknown ? [] : [{
    path: ['nodes', 'delivery'],
    message: 'has nothing to deliver',
    found: nodes.delivery,
    allowed: 'a delivery of `perfEventParanoid` or `perfEventMaxSampleRate`',
    fix: 'add one of the two, or remove `delivery`',
  }];
}

/** The options of each engine. Another engine would ignore them, and somebody would think that it does not. */
const OPTIONS: ReadonlyArray<readonly [keyof EbpfInventorySpec, readonly EbpfInventoryEngine[]]> = [
  ['interval', [EbpfInventoryEngine.BUNDLED]],
  ['learnFor', [EbpfInventoryEngine.BUNDLED]],
  ['baseline', [EbpfInventoryEngine.BUNDLED]],
  ['loaders', [EbpfInventoryEngine.TETRAGON, EbpfInventoryEngine.FALCO]],
  ['falcoNamespace', [EbpfInventoryEngine.FALCO]],
];

function engineOptions({ ebpfInventory }: Nodes): Problem[] {
  if (!ebpfInventory || isInvalid(ebpfInventory, 'engine')) { return []; }
  const engine = ebpfInventory.engine ?? EbpfInventoryEngine.BUNDLED;
  const foreign = OPTIONS.filter(([key, engines]) => ebpfInventory[key] !== undefined && !engines.includes(engine));
  const problems = foreign.map(([key, engines]): Problem => ({
    path: ['nodes', 'ebpfInventory', key],
    message: `is no option of engine \`${engine}\``,
    allowed: `with engine ${engines.join(' or ')}`,
    fix: 'remove it, or choose another engine',
  }));
  const learns = ebpfInventory.learnFor !== undefined && ebpfInventory.baseline !== undefined && engine === EbpfInventoryEngine.BUNDLED;
  return [...problems, ...(learns ? [{
    path: ['nodes', 'ebpfInventory', 'learnFor'],
    message: 'means nothing beside `baseline`: nothing is learned then',
    found: ebpfInventory.learnFor,
    allowed: 'one of the two',
    fix: 'remove one',
  }] : [])];
}

function uniquePrograms({ ebpfInventory }: Nodes): Problem[] {
  const seen = new Map<string, number>();
  return (ebpfInventory?.baseline ?? []).flatMap((program, i) => {
    if (program?.type === undefined || program.name === undefined || isInvalid(program, 'tag') || isInvalid(program, 'uid')) { return []; }
    const { type, name, tag, uid = 0 } = program;
    const key = JSON.stringify([type, name, tag, uid]);
    const earlier = seen.get(key);
    seen.set(key, earlier ?? i);
    return earlier === undefined ? [] : [{
      path: ['nodes', 'ebpfInventory', 'baseline', i],
      message: `is entry ${earlier + 1} again`,
      found: [type, name || '(no name)', tag ?? 'any tag', `uid ${uid}`].join(', '),
      allowed: 'each program once, or with different tags',
      fix: 'remove one of the two',
    }];
  });
}
