import { TRACEFS } from '../../agents/profiler-pod';
import type { HostPathExemptionSpec } from '../../api/exemptions';
import { DEFAULTS, EXCLUDED_NAMESPACES } from '../../config/defaults';
import type { Partially, PartialSpec } from '../../config/partial-spec';
import { agentNamespace, isInvalid, runsOnNodes } from '../../config/partial-spec';
import type { Problem } from '../../config/problem';
import { appliesSettings } from '../../nodes/checks';
import { BASELINE_DIRECTORY } from '../../nodes/inventory';

/** Problems of the exemptions of a specification. */
export function admissionExemptions(spec: PartialSpec): Problem[] {
  return (spec.admission?.exemptions ?? []).flatMap((exemption, i) => {
    if (!exemption) { return []; }
    const path = ['admission', 'exemptions', i];
    return [
      ...exemptNamespace(spec, exemption.namespace, [...path, 'namespace']),
      ...(exemption.privileges || exemption.hostPaths || isInvalid(exemption, 'privileges') || isInvalid(exemption, 'hostPaths') ? [] : [{
        path, message: 'exempts from nothing', allowed: '`privileges`, `hostPaths` or both', fix: 'say what these workloads may use, or remove the exemption',
      }]),
      ...(exemption.hostPaths ?? []).flatMap((hostPath, n) => exemptPath(spec, hostPath, [...path, 'hostPaths', n, 'path'])),
      ...expired(exemption.expires, [...path, 'expires']),
    ];
  });
}

function exemptNamespace(spec: PartialSpec, namespace: string | undefined, path: Problem['path']): Problem[] {
  const isKnown = !isInvalid(spec, 'agents') && !isInvalid(spec.agents, 'namespace');
  // In a namespace of others, other pods are judged like everywhere.
  const isOurs = runsOnNodes(spec) && spec.namespaces?.create !== false;
  if (isKnown && isOurs && namespace === agentNamespace(spec)) {
    return [{
      path,
      message: 'is the namespace of the agents, which has a policy of its own',
      found: namespace,
      allowed: 'other namespaces',
      fix: 'remove the exemption; what agents need follows from their node pools',
    }];
  }
  return namespace !== undefined && EXCLUDED_NAMESPACES.includes(namespace) ? [{
    path,
    message: 'is a namespace that no policy looks at',
    found: namespace,
    allowed: `namespaces other than ${EXCLUDED_NAMESPACES.join(', ')}`,
    fix: 'remove the exemption',
  }] : [];
}

const KERNEL_SETTINGS: readonly string[] = ['perf_event_max_sample_rate', 'perf_event_paranoid'].map(file => `/proc/sys/kernel/${file}`);

/** A path above our own would give away what profilers keep there, and one that can be written what they rely on. */
function exemptPath(spec: PartialSpec, hostPath: Partially<HostPathExemptionSpec> | undefined, path: Problem['path']): Problem[] {
  const exempt = hostPath?.path;
  if (exempt === undefined) { return []; }
  const pools = spec.agents?.nodePools ?? [];
  const sockets = pools.flatMap(pool => (pool?.fallback ? [pool.fallback.containerRuntimeSocket ?? DEFAULTS.containerRuntimeSocket] : []));
  const holds = (inner: string): boolean => inner === exempt || inner.startsWith(`${exempt}/`);
  const kept = holds(BASELINE_DIRECTORY) || exempt.startsWith(`${BASELINE_DIRECTORY}/`) ? BASELINE_DIRECTORY : undefined;
  const settings = appliesSettings(spec) ? KERNEL_SETTINGS : [];
  const used = hostPath?.writable ? [...sockets, ...settings, TRACEFS].find(holds) : undefined;
  const own = kept ?? used;
  return own === undefined ? [] : [{
    path,
    message: kept === undefined ? `holds ${own}, which profilers rely on, and may be written` : `reaches ${own}, where profilers keep their baselines`,
    found: exempt,
    allowed: kept === undefined ? 'paths that are only read, or hold nothing of the profilers' : 'paths that hold nothing of the profilers',
    fix: kept === undefined ? 'remove `writable`, or name the directories below it that the workload writes' : 'name the directories that the workload needs',
  }];
}

/** The one thing that a day makes of a specification: refused, never something else. */
export function expired(expires: string | undefined, path: Problem['path']): Problem[] {
  return expires === undefined || expires > new Date().toISOString().slice(0, 10) ? [] : [{
    path, message: 'is over', found: expires, allowed: 'a day in the future', fix: 'remove what has ended, or look at its reason again and give it another day',
  }];
}
