import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { ACCESS_PREFIXES, composition, deployedBy, takeObjects } from './composition';
import type { Deployed } from './composition';
import { engine } from './load-engine';
import { ProfilingComponent } from './profiling-component';
import type { AccessSpec } from '../api/access';
import type { Part } from '../kube/manifest';

/**
 * Props of `ProfilingAccess`.
 */
export interface ProfilingAccessProps {
  /** The deployment that is opened: a construct of this library. */
  readonly to: ProfilingComponent;

  /** Those who are let in, besides whom the deployment itself lets in. */
  readonly access: AccessSpec;
}

/**
 * Access to a deployment: as part of one its namespaces, its NetworkPolicies and RBAC for `kubectl port-forward`; alone, what opens one
 * that is there to others, such as the Grafana of another team's chart.
 *
 * Alone it adds no Secrets: who is let in needs a token, see the `document` of the deployment.
 */
export class ProfilingAccess extends ProfilingComponent {
  /**
   * @param scope the chart, or a construct in it
   * @param id the construct id
   * @param props the deployment, and those who are let in
   */
  constructor(scope: Construct, id: string, props: ProfilingAccessProps) {
    super(scope, id);
    const deployed = composition(props) ?? opened(this, props);
    takeObjects(this, deployed, ACCESS_PREFIXES);
  }

  /** The namespaces with their Pod Security levels. */
  public get namespaces(): ApiObject[] {
    return this._ofKind('Namespace');
  }

  /** Default deny, and the flows that are allowed. */
  public get networkPolicies(): ApiObject[] {
    return this._ofKind('NetworkPolicy');
  }

  /** Roles for `kubectl port-forward`. */
  public get roles(): ApiObject[] {
    return this._ofKind('Role');
  }

  /** Who has these roles. */
  public get roleBindings(): ApiObject[] {
    return this._ofKind('RoleBinding');
  }
}

/** What a deployment has with the further access, and not without it. */
function opened(construct: Construct, { to, access }: ProfilingAccessProps): Deployed {
  const { renderParts, resolvePart } = engine();
  const { spec } = deployedBy(to);
  const origin = { source: construct.node.path };
  const before = renderParts(resolvePart(spec, origin));
  const after = renderParts(resolvePart({ ...spec, access }, origin));
  const added = (id: 'network-policies' | 'port-forward'): Part =>
    Object.fromEntries(Object.entries(after[id]).filter(([key]) => !Object.hasOwn(before[id], key)));
  return { spec: { ...spec, access }, parts: { 'network-policies': added('network-policies'), 'port-forward': added('port-forward') } };
}
