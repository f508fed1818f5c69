import type { Rule } from './rule';
import { inContainerContexts, inPodContext } from './rule';
import { ReservedPrivilege } from '../../../api/exemptions';
import { POD_SECURITY_BASELINE } from '../../../versions';
import { cel } from '../../cel';

/** Everything at once: all capabilities, all devices, and no confinement. */
const PRIVILEGED: Rule = {
  privilege: ReservedPrivilege.PRIVILEGED,
  name: 'privileged',
  found: 'variables.containers.filter(c, has(c.securityContext) && has(c.securityContext.privileged) && c.securityContext.privileged)'
    + '.map(c, "container " + c.name + " is privileged")',
};

const HOST_PROCESS_FIELD = both(ReservedPrivilege.HOST_PROCESS, 'has($.windowsOptions) && has($.windowsOptions.hostProcess) && $.windowsOptions.hostProcess',
  'is a process of the node (hostProcess)');

/** A process of a Windows node, which is more than a privileged container. */
const HOST_PROCESS: Rule = { ...HOST_PROCESS_FIELD, found: HOST_PROCESS_FIELD.found.replaceAll('variables.confined', 'variables.containers') };

/** Profiles that confine: the runtime's own, or one that somebody has put on the node. Without any, the kubelet chooses. */
const CONFINING = cel(['Localhost', 'RuntimeDefault']);

const SECCOMP: Rule = both(ReservedPrivilege.SECCOMP_UNCONFINED, `has($.seccompProfile) && !($.seccompProfile.type in ${CONFINING})`, 'runs without a seccomp profile');

const APP_ARMOR_FIELD = both(ReservedPrivilege.APP_ARMOR_UNCONFINED, `has($.appArmorProfile) && !($.appArmorProfile.type in ${CONFINING})`, 'runs without an AppArmor profile');

/**
 * The field, and the annotation of API servers before 1.30, which later ones still read.
 *
 * @see https://kubernetes.io/docs/tutorials/security/apparmor/
 */
const APP_ARMOR: Rule = {
  ...APP_ARMOR_FIELD,
  found: `${APP_ARMOR_FIELD.found} + (has(variables.podMetadata.annotations) ? variables.podMetadata.annotations.filter(a,`
    + ' a.startsWith("container.apparmor.security.beta.kubernetes.io/") && !(variables.podMetadata.annotations[a] in ["", "runtime/default"]'
    + ' || variables.podMetadata.annotations[a].startsWith("localhost/"))).map(a, "the annotation " + a + " switches AppArmor off") : [])',
};

/** A type that is not confined, or a user or role, of which most are not. */
const SE_LINUX: Rule = both(
  ReservedPrivilege.SE_LINUX_OPTIONS,
  `has($.seLinuxOptions) && ((has($.seLinuxOptions.type) && !($.seLinuxOptions.type in ${cel([...POD_SECURITY_BASELINE.seLinuxTypes])}))`
  + ' || (has($.seLinuxOptions.user) && $.seLinuxOptions.user != "") || (has($.seLinuxOptions.role) && $.seLinuxOptions.role != ""))',
  'chooses SELinux options that are not confined',
);

/** Files of `/proc` that runtimes hide, and let nobody write. */
const PROC_MOUNT: Rule = {
  privilege: ReservedPrivilege.PROC_MOUNT,
  name: 'procMount',
  found: inContainerContexts('has($.procMount) && $.procMount != "Default"', 'unmasks /proc'),
};

/** Settings of the kernel, but those that are the pod's own. */
const SYSCTLS: Rule = {
  privilege: ReservedPrivilege.SYSCTLS,
  name: 'sysctls',
  found: 'has(variables.podSpec.securityContext) && has(variables.podSpec.securityContext.sysctls)'
    + ` ? variables.podSpec.securityContext.sysctls.filter(s, !(s.name in ${cel([...POD_SECURITY_BASELINE.sysctls])})).map(s, "the pod sets " + s.name) : []`,
};

/**
 * Rules on the confinement of containers: privileged, host process, seccomp, AppArmor, SELinux, procMount and sysctls.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
 */
export const CONFINEMENT: readonly Rule[] = [PRIVILEGED, HOST_PROCESS, SECCOMP, APP_ARMOR, SE_LINUX, PROC_MOUNT, SYSCTLS];

/** Of a field that pods and containers have alike; `$` stands for the security context. */
function both(privilege: ReservedPrivilege, condition: string, finding: string): Rule & { readonly privilege: ReservedPrivilege } {
  return { privilege, name: privilege, found: `${inPodContext(condition, finding)} + ${inContainerContexts(condition, finding)}` };
}
