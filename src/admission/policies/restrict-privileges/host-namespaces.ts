import type { Rule } from './rule';
import { ReservedPrivilege } from '../../../spec/admission-spec';

/**
 * The namespaces of the node: its processes and their memory, its network with all that listens on localhost and past every NetworkPolicy,
 * and its shared memory.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
 */
export const HOST_NAMESPACES: readonly Rule[] = ([ReservedPrivilege.HOST_IPC, ReservedPrivilege.HOST_NETWORK, ReservedPrivilege.HOST_PID] as const).map(privilege => ({
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
