import type { Rule } from './rule';
import { ReservedPrivilege } from '../../../api/exemptions';
import { HARMLESS_VOLUMES } from '../../../versions';
import { cel } from '../../cel';

/** Volumes that the node mounts, or runs a program for, as whoever wrote the pod likes it. New kinds are among them until they are known. */
export const NODE_VOLUMES: Rule = {
  privilege: ReservedPrivilege.NODE_VOLUMES,
  name: 'nodeVolumes',
  found: `has(variables.podSpec.volumes) ? variables.podSpec.volumes.filter(v, dyn(v).exists(k, !(k in ${cel(['name', 'hostPath', ...HARMLESS_VOLUMES])})))`
    + '.map(v, "volume " + v.name + " is of a kind that the node itself mounts or runs") : []',
};

const isBelow = '(v.hostPath.path == p || v.hostPath.path.startsWith(p + "/"))';
const isWritten = 'variables.containers.exists(c, has(c.volumeMounts) && c.volumeMounts.exists(m, m.name == v.name && !(has(m.readOnly) && m.readOnly)))';

/** Directories and files of the node. Exemptions name paths, each with all that is below, and whether it may be written. */
export function hostPaths(hasExemptions: boolean): Rule {
  const isExempt = ` && !(variables.writablePaths.exists(p, ${isBelow}) && !v.hostPath.path.contains(".."))`
    + ` && !(variables.readablePaths.exists(p, ${isBelow}) && !v.hostPath.path.contains("..") && !${isWritten})`;
  return {
    name: 'hostPaths',
    found: `has(variables.podSpec.volumes) ? variables.podSpec.volumes.filter(v, has(v.hostPath)${hasExemptions ? isExempt : ''})`
      + '.map(v, "volume " + v.name + " mounts " + v.hostPath.path + " of the node") : []',
  };
}
