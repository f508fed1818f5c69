import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { administrator, BREAK_GLASS } from './document';
import type { AdmissionCase, AnyObject } from './rows';
import { debug, ELSEWHERE, GOOD, pod } from './rows';
import type { User } from '../../cluster/api';
import { AGENT_NAMESPACE, PORT_FORWARDERS, SERVER_NAMESPACE } from '../../cluster/installation';

/** What the server's namespace admits. */
const RESTRICTED: Partial<PodSpec> = {
  securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{ ...GOOD, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
};

const member: User = { name: 'alice', groups: [PORT_FORWARDERS, 'system:masters'] };
const breakGlassMember: User = { name: 'erin', groups: [BREAK_GLASS, 'system:masters'] };
const similarGroupMember: User = { name: 'trudy', groups: [`${PORT_FORWARDERS}s`, 'system:masters'] };

/** All of these may do everything by RBAC: what is refused, the policy refuses. */
export function access(): AdmissionCase[] {
  const refused: AdmissionCase['refusedBy'] = ['restrict-exec', /may not exec, attach, proxy or debug here.*break-glass/];
  const noTunnel: AdmissionCase['refusedBy'] = ['restrict-port-forward', /may not open a tunnel here.*sre-team.*break-glass/];
  const debugged: AnyObject = pod(SERVER_NAMESPACE, { ...RESTRICTED, ...ELSEWHERE });
  const debugContainer: Container = { ...GOOD, securityContext: RESTRICTED.containers![0].securityContext };
  const server: AnyObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'parca-0', namespace: SERVER_NAMESPACE } };
  const service: AnyObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'parca', namespace: SERVER_NAMESPACE } };
  const agent: AnyObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any', namespace: AGENT_NAMESPACE } };
  const elsewhere: AnyObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any', namespace: 'shop' } };
  const row = (name: string, object: AnyObject, subresource: string, user: User, isAllowed: boolean): AdmissionCase => ({
    name: `${name} by ${user.name}`, operation: 'connect', object, subresource, user, ...(!isAllowed && { refusedBy: subresource === 'portforward' ? noTunnel : refused }),
  });
  const ways = ['exec', 'attach', 'proxy'];
  return [
    row('tunnel to the server', server, 'portforward', member, true),
    row('tunnel to the server', server, 'portforward', breakGlassMember, true),
    row('tunnel to the server', server, 'portforward', administrator, false),
    row('tunnel to the server', server, 'portforward', similarGroupMember, false),
    ...ways.map(way => row(`${way} into the server`, server, way, member, false)),
    ...ways.map(way => row(`${way} into the server`, server, way, breakGlassMember, true)),
    ...ways.map(way => row(`${way} into the server`, server, way, administrator, false)),
    row('proxy to the Service', service, 'proxy', member, false),
    row('proxy to the Service', service, 'proxy', breakGlassMember, true),
    row('tunnel to an agent', agent, 'portforward', member, false),
    row('tunnel to an agent', agent, 'portforward', breakGlassMember, true),
    row('exec into an agent', agent, 'exec', administrator, false),
    debug('debug container in the server\'s namespace by an administrator', debugged, debugContainer, refused, administrator),
    debug('debug container in the server\'s namespace in an emergency', debugged, debugContainer, undefined, breakGlassMember),
    row('exec elsewhere', elsewhere, 'exec', administrator, true),
    row('tunnel elsewhere', elsewhere, 'portforward', similarGroupMember, true),
  ];
}

