import type { Rule } from './rule';
import { ReservedPrivilege } from '../../../api/exemptions';

const { HOST_IPC, HOST_NETWORK, HOST_PID } = ReservedPrivilege;

/**
 * The namespaces of the node: its processes and their memory, its network with all that listens on localhost and past every NetworkPolicy,
 * and its shared memory.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
 */
export const HOST_NAMESPACES: readonly Rule[] = [HOST_IPC, HOST_NETWORK, HOST_PID].map(privilege => ({
  privilege,
  name: privilege,
  found: `has(variables.podSpec.${privilege}) && variables.podSpec.${privilege} ? ["the pod uses ${privilege}"] : []`,
}));

/** A port of the node. In its network, ports are the node's anyway. */
export const HOST_PORTS: Rule = {
  privilege: ReservedPrivilege.HOST_PORTS,
  name: 'hostPorts',
  found: '(has(variables.podSpec.hostNetwork) && variables.podSpec.hostNetwork)'
    + ' ? [] : variables.containers.filter(c, has(c.ports) && c.ports.exists(p, has(p.hostPort) && p.hostPort != 0)).map(c, "container " + c.name + " takes a port of the node")',
};
