import type { AdmissionExemptionSpec } from '../../../api/exemptions';
import { cel, createdBefore } from '../../cel';
import type { Variable } from '../../policy';

/** CEL variables with all that the exemptions give an object: names of privileges, and paths of the node. */
export function exemptionVariables(exemptions: readonly AdmissionExemptionSpec[]): Variable[] {
  const given = (pick: (exemption: AdmissionExemptionSpec) => readonly string[]): string =>
    exemptions.map(exemption => `(${condition(exemption)} ? ${cel([...pick(exemption)].sort())} : [])`).join(' + ');
  const paths = (isWritable: boolean) => ({ hostPaths = [] }: AdmissionExemptionSpec): string[] =>
    hostPaths.filter(({ writable = false }) => writable === isWritable).map(({ path }) => path);
  return [
    { name: 'exempt', expression: given(({ privileges = [] }) => privileges) },
    { name: 'readablePaths', expression: given(paths(false)) },
    { name: 'writablePaths', expression: given(paths(true)) },
  ];
}

/** Whether an exemption is for the object. */
function condition({ namespace, serviceAccounts, expires }: AdmissionExemptionSpec): string {
  const account = 'has(variables.podSpec.serviceAccountName) ? variables.podSpec.serviceAccountName : "default"';
  return [
    `object.metadata.namespace == ${cel(namespace)}`,
    ...(serviceAccounts ? [`(${account}) in ${cel([...serviceAccounts].sort())}`] : []),
    ...(expires === undefined ? [] : [createdBefore(expires)]),
  ].join(' && ');
}

/** An exemption in a sentence, for whoever reviews the policy. */
export function describeExemption({ namespace, serviceAccounts, privileges = [], hostPaths = [], reason, expires }: AdmissionExemptionSpec): string {
  const who = serviceAccounts ? `${namespace} (${[...serviceAccounts].sort().join(', ')})` : namespace;
  const paths = hostPaths.map(({ path, writable = false }) => `${writable ? 'write' : 'read'} ${path}`).sort();
  const what = [...(privileges.length > 0 ? [`use ${[...privileges].sort().join(', ')}`] : []), ...paths].join(', ');
  return `${who} may ${what}${expires === undefined ? '' : ` until ${expires}`}: ${reason}`;
}
