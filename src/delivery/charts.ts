import type { Chart, Missing } from '../component';
import { CHARTS } from '../versions';

/** The command that installs a chart by hand. */
export function chartCommand(chart: Chart['name'], namespace: string, valuesFile: (chart: string) => string): Missing {
  const { version } = CHARTS[chart];
  return {
    what: `chart ${chart} ${version} in ${namespace}`,
    command: `helm upgrade --install ${chart} ${chart} --repo ${CHARTS.repository} --version ${version} -n ${namespace} -f ${valuesFile(chart)}`,
  };
}
