import type { Missing } from '../component';
import type { ResolvedCa } from '../config/resolved-spec';

/** The CA that profilers trust, where somebody has to put it. */
export function caMissing(namespace: string, ca: ResolvedCa | undefined): Missing[] {
  return ca?.kind === 'ConfigMap' ? [{
    what: `CA ConfigMap ${ca.name} in ${namespace}, with the CA of that certificate`,
    command: `kubectl create configmap ${ca.name} -n ${namespace} --from-file=${ca.key}=ca.crt`,
  }] : [];
}
