import type { Chart, Context, Missing } from '../component';
import { CHARTS } from '../versions';

/** The command that installs a chart by hand. */
export function chartCommand(
  { images: { chartRepository } }: Pick<Context, 'images'>, chart: Chart['name'], namespace: string, valuesFile: (chart: string) => string,
): Missing {
  const { version } = CHARTS[chart];
  const from = isOci(chartRepository) ? `${chartRepository}/${chart}` : `${chart} --repo ${chartRepository}`;
  return {
    what: `chart ${chart} ${version} in ${namespace}`,
    command: `helm upgrade --install ${chart} ${from} --version ${version} -n ${namespace} -f ${valuesFile(chart)}`,
  };
}

/** Whether a repository of charts is a registry of images. */
export function isOci(repository: string): boolean {
  return repository.startsWith('oci://');
}
