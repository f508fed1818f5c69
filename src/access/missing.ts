import { neededNamespaces } from './namespaces';
import { podSecurityLabels } from './pod-security';
import type { Contribution, Missing } from '../component';
import type { ResolvedSpec } from '../config/resolved-spec';

/** Labels that the owners of namespaces must set, and the Secrets with which images are pulled. */
export function accessMissing(
  { cluster, images: { pullSecrets }, namespaces: { create } }: Pick<ResolvedSpec, 'cluster' | 'images' | 'namespaces'>, contributions: readonly Contribution[],
): Missing[] {
  const needed = neededNamespaces(contributions);
  return [
    ...(create ? [] : needed.map(({ name, podSecurity }) => {
      // Other pods of the namespace may need more than ours: it is warned of, and not enforced.
      const labels = podSecurityLabels(podSecurity, cluster, podSecurity === 'privileged' ? ['enforce', 'audit', 'warn'] : ['audit', 'warn']);
      return {
        what: `Pod Security labels of namespace ${name}, by its owners: ${podSecurity === 'privileged'
          ? 'without them the profilers do not start' : 'our pods fit `restricted`; to enforce it would stop others that do not'}`,
        command: `kubectl label namespace ${name} --overwrite ${Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(' ')}`,
      };
    })),
    ...pullSecrets.flatMap(secret => needed.map(({ name }) => ({
      what: `pull Secret ${secret} in ${name}`,
      command: `kubectl create secret docker-registry ${secret} -n ${name} --from-file=.dockerconfigjson=config.json`,
    }))),
  ];
}

/** Notes on namespaces that belong to somebody else. */
export function accessNotes({ namespaces: { create } }: Pick<ResolvedSpec, 'namespaces'>, contributions: readonly Contribution[]): string[] {
  const names = neededNamespaces(contributions).map(({ name }) => name).join(', ');
  return create ? [] : [
    `namespaces.create is false: NetworkPolicies select the pods of this deployment alone, and other pods of ${names} keep their traffic. Nothing in these namespaces is profiled.`,
  ];
}
