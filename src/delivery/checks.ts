import type { PartialSpec } from '../config/partial-spec';
import type { Problem } from '../config/problem';

/** Rules of the section `gitOps`. */
export function deliveryChecks(spec: PartialSpec): Problem[] {
  return [oneTool, oneDestination].flatMap(check => check(spec));
}

function oneTool({ gitOps }: PartialSpec): Problem[] {
  const tools = ['argoCd', 'flux'].filter(tool => gitOps && tool in gitOps);
  return !gitOps || tools.length === 1 ? [] : [{
    path: ['gitOps'],
    message: tools.length === 0 ? 'names no tool' : 'names both tools',
    allowed: 'exactly one of `argoCd` and `flux`',
    fix: tools.length === 0 ? 'write `argoCd: {}` or `flux: {}`' : 'keep one',
  }];
}

function oneDestination({ gitOps }: PartialSpec): Problem[] {
  const destination = gitOps?.argoCd?.destination;
  const keys = ['name', 'server'].filter(key => destination && key in destination);
  return !destination || keys.length === 1 ? [] : [{
    path: ['gitOps', 'argoCd', 'destination'],
    message: keys.length === 0 ? 'names no cluster' : 'names the cluster twice',
    allowed: 'exactly one of `name` and `server`',
    fix: keys.length === 0 ? 'write the name under which Argo CD knows the cluster, or remove the key for its own' : 'keep one',
  }];
}
