import type { ResolvedPyroscope, ResolvedSpec, ResolvedTenant } from '../config/resolved-spec';

/** The tenants whose namespaces are profiled on the node. */
export function profiledTenants({ tenants }: ResolvedPyroscope): ResolvedTenant[] {
  return tenants.filter(({ ebpf, java }) => ebpf || java !== undefined);
}

/** Whether Alloy attaches to JVMs. */
export function profilesJava({ pyroscope }: ResolvedSpec): boolean {
  return pyroscope !== undefined && profiledTenants(pyroscope).some(({ java }) => java !== undefined);
}

/** Whether there is anything for Alloy to do, and a node where it can. */
export function runsAlloy({ pyroscope, parca }: ResolvedSpec): boolean {
  return pyroscope !== undefined && profiledTenants(pyroscope).length > 0 && parca.agent.nodePools.some(({ mode }) => mode === 'leastPrivilege');
}
