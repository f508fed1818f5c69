import { access } from './access';
import { agentNamespace } from './agent-namespace';
import { configuration } from './configuration';
import { optInLabel } from './opt-in-label';
import { podSecurity } from './pod-security';
import { privileges } from './privileges';
import type { AdmissionCase, AnyObject } from './rows';
import { create, GOOD, nextName, pod, restartNames, update, withMetadata } from './rows';
import { stockWorkloadCases } from './stock-workloads';
import { daemonSetsOf } from '../../../../src/admission/emitted';
import type { Manifest } from '../../../../src/kube/manifest';
import { AGENT_NAMESPACE } from '../../cluster/installation';

/** Every row, about the objects that are emitted for a document. */
export function admissionCases(emitted: readonly Manifest[]): AdmissionCase[] {
  restartNames();
  return [
    ...privileges(),
    ...stockWorkloadCases(),
    ...agentNamespace(daemonSetsOf(emitted, AGENT_NAMESPACE)),
    ...optInLabel(),
    ...access(),
    ...configuration(),
    ...podSecurity(),
    create('pod with the tag latest', pod('shop', { containers: [{ ...GOOD, image: 'example.com/app:latest' }] }), ['no-latest', /name a version of the image/]),
    create('pod with the tag latest elsewhere', pod('sandbox', { containers: [{ ...GOOD, image: 'example.com/app:latest' }] })),
    create('what a policy forbade that has run out', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'case-freeze', namespace: 'shop' } }),
    ...extra(),
  ];
}

/** Policies of the user, also about what is being deleted. */
function extra(): AdmissionCase[] {
  const configMap = (finalizers?: string[]): AnyObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: nextName(), namespace: 'shop', ...(finalizers && { finalizers }) } });
  const withScript = (object: AnyObject): AnyObject => ({ ...object, data: { 'a.sh': 'x' } } as AnyObject);
  const refused: AdmissionCase['refusedBy'] = ['no-scripts', /keep scripts out/];
  const hold = ['example.com/hold'];
  return [
    create('a ConfigMap with a script', withScript(configMap()), refused),
    update('a ConfigMap that is being deleted gets a script', configMap(hold), withScript, refused),
    update('a ConfigMap that is being deleted loses its finalizer', withScript(configMap(hold)), withMetadata({ finalizers: [] })),
  ];
}
