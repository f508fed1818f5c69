import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { composition, deployedBy, plainSpec, takeObjects } from './composition';
import type { Deployed } from './composition';
import { engine } from './load-engine';
import { ProfilingComponent } from './profiling-component';
import type { ProfilingComponentProps } from './profiling-props';
import type { AdmissionSpec } from '../api/admission';

/**
 * Props of `ProfilingAdmission`.
 */
export interface ProfilingAdmissionProps extends ProfilingComponentProps {
  /** The policies. */
  readonly admission: AdmissionSpec;

  /**
   * Constructs of this library in the same cluster: their namespaces are closed to all else, and the agents' namespace admits exactly what they emit.
   *
   * @default - none: policies for what others may do alone
   */
  readonly guards?: ProfilingComponent[];
}

/**
 * Admission policies around profiling, in the form of the chosen engine: alone for clusters whose profilers come from elsewhere, or for
 * what other constructs of this library deploy.
 */
export class ProfilingAdmission extends ProfilingComponent {
  /**
   * @param scope the chart, or a construct in it
   * @param id the construct id
   * @param props the policies; an error names everything that is wrong with them
   */
  constructor(scope: Construct, id: string, props: ProfilingAdmissionProps) {
    super(scope, id);
    takeObjects(this, composition(props) ?? guarding(this, props), { admission: '' });
  }

  /** The policies and their bindings. */
  public get policies(): ApiObject[] {
    return this.apiObjects;
  }
}

/** Policies around the deployments of several constructs, as if they were one. */
function guarding(construct: Construct, { guards = [], ...props }: ProfilingAdmissionProps): Deployed {
  const { COMPONENT, contributionsTo, deploymentOf, renderAdmission, resolvePart, sorted } = engine();
  const origin = { source: construct.node.path };
  const agents = guards.map(guard => deployedBy(guard).spec.agents).find(section => section !== undefined);
  const spec = plainSpec({ ...props, ...(agents && { agents }) });
  const resolved = resolvePart(spec, origin);
  const deployments = guards.map(guard => {
    const { spec: guardedSpec, component, parts } = deployedBy(guard);
    const guarded = resolvePart(guardedSpec, origin);
    return deploymentOf(guarded, contributionsTo(guarded, component && [COMPONENT[component]]), parts);
  });
  const own = deploymentOf(resolved, [], {});
  return {
    spec,
    parts: {
      admission: renderAdmission(resolved, {
        ...own,
        scope: { ...own.scope, sensitiveNamespaces: sorted([own, ...deployments].flatMap(({ scope }) => scope.sensitiveNamespaces)) },
        ownsNamespaces: guards.length > 0 && own.ownsNamespaces && deployments.every(({ ownsNamespaces }) => ownsNamespaces),
        namespaces: sorted(deployments.flatMap(({ namespaces }) => namespaces)),
        tunnels: sorted(deployments.flatMap(({ tunnels }) => tunnels)),
        emitted: deployments.flatMap(({ emitted }) => emitted),
      }),
    },
  };
}
