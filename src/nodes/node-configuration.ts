import type { KernelSetting } from './settings';
import { kernelSettings } from './settings';
import { NodesDelivery } from '../api/nodes';
import type { ResolvedSpec } from '../config/resolved-spec';
import { toYaml } from '../kube/yaml';

const SYSCTL_FILE = '/etc/sysctl.d/90-hardened-profiling.conf';

/** The settings as each kind of node reads them, by file name; none unless they are delivered by node configuration. */
export function nodeConfiguration({ nodes }: Pick<ResolvedSpec, 'nodes'>): Readonly<Record<string, string>> {
  if (nodes?.delivery !== NodesDelivery.NODE_CONFIGURATION) { return {}; }
  const settings = kernelSettings(nodes);
  const values = Object.fromEntries(settings.map(({ file, value }) => [`kernel.${file}`, `${value}`]));
  return {
    'sysctl.conf': sysctlConf(settings),
    'ignition.json': `${JSON.stringify(ignition(settings, '3.4.0'), null, 2)}\n`,
    'machine-config.yaml': toYaml(machineConfig(settings)),
    'bottlerocket.toml': `[settings.kernel.sysctl]\n${Object.entries(values).map(([key, value]) => `"${key}" = "${value}"\n`).join('')}`,
    'talos.yaml': toYaml({ machine: { sysctls: values } }),
  };
}

/** @see https://www.freedesktop.org/software/systemd/man/latest/sysctl.d.html */
function sysctlConf(settings: readonly KernelSetting[]): string {
  return settings.map(({ file, value }) => `kernel.${file} = ${value}\n`).join('');
}

/** @see https://coreos.github.io/ignition/configuration-v3_4/ */
function ignition(settings: readonly KernelSetting[], version: string): object {
  return {
    ignition: { version },
    storage: {
      files: [{ path: SYSCTL_FILE, mode: 0o644, overwrite: true, contents: { source: `data:,${encodeURIComponent(sysctlConf(settings))}` } }],
    },
  };
}

/**
 * For the workers of OpenShift, whose operator reads an older Ignition.
 *
 * @see https://docs.redhat.com/en/documentation/openshift_container_platform/4.18/html/machine_configuration/machine-configs-configure
 */
function machineConfig(settings: readonly KernelSetting[]): object {
  return {
    apiVersion: 'machineconfiguration.openshift.io/v1',
    kind: 'MachineConfig',
    metadata: { name: '90-worker-hardened-profiling', labels: { 'machineconfiguration.openshift.io/role': 'worker' } },
    spec: { config: ignition(settings, '3.2.0') },
  };
}
