import type { ResolvedPyroscope, ResolvedReader } from '../config/resolved-spec';

/** Everybody with a read token: each tenant that stays, for itself, and the readers of several. */
export function pyroscopeReaders({ tenants, readers }: ResolvedPyroscope): ResolvedReader[] {
  return [
    ...tenants.filter(tenant => !tenant.offboarding).map(({ name, orgId }) => ({ name, tenants: [name], pods: [], orgId })),
    ...readers,
  ];
}

/** The Secret of a reader, where Grafana does not keep it. */
export function readSecretName(name: string): string {
  return `pyroscope-read-${name}`;
}

/** The Secret of a data source. */
export function datasourceSecretName(name: string): string {
  return `pyroscope-datasource-${name}`;
}
