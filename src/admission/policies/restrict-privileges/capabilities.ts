import type { Rule } from './rule';
import { POD_SECURITY_BASELINE } from '../../../versions';
import { cel } from '../../cel';

/**
 * Capabilities beyond those that containers have anyway, as Pod Security `baseline` lists them. A name is compared as it is: runtimes
 * change its case and prefix, each in its own way and beyond ASCII, so that a spelling which is not on the list could become any other.
 * An exemption names each capability.
 *
 * @see https://github.com/containerd/containerd/blob/v2.3.4/internal/cri/opts/spec_opts.go
 */
export function capabilities(hasExemptions: boolean): Rule {
  const isReserved = `!(k in ${cel([...POD_SECURITY_BASELINE.capabilities])}${hasExemptions ? ' || k in variables.exempt' : ''})`;
  const added = 'c.securityContext.capabilities.add';
  return {
    name: 'capabilities',
    found: `variables.confined.filter(c, has(c.securityContext) && has(c.securityContext.capabilities) && has(${added}) && ${added}.exists(k, ${isReserved}))`
      // A message of two lines would not be shown at all.
      + `.map(c, "container " + c.name + " adds " + ${added}.filter(k, ${isReserved}).map(k, k.matches("^[A-Za-z0-9_]+$") ? k : "what is no name of a capability").join(", "))`,
  };
}
