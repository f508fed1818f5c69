import { SENSITIVE } from './document';
import type { AdmissionCase, Metadata } from './rows';
import { controller, create, ELSEWHERE, KINDS, pod, update, withMetadata } from './rows';

const label = (message = 'never profiled'): AdmissionCase['refusedBy'] => ['protect-opt-in-label', new RegExp(`profiling.* may not switch profiling on.*${message}`)];
const annotation: AdmissionCase['refusedBy'] = ['protect-opt-in-label', /annotations profiles\.grafana\.com.*never profiled/];

export function optInLabel(): AdmissionCase[] {
  const labelled = (value: string): Metadata => ({ labels: { profiling: value } });
  const scraped = (key: string, value: string): Metadata => ({ annotations: { [`profiles.grafana.com/${key}`]: value } });
  return [
    ...['enabled', 'Enabled', 'ENABLED', 'true', 'yes', 'on', '', '1'].map(value =>
      create(`pod labelled profiling=${value} in a sensitive namespace`, pod(SENSITIVE, {}, labelled(value)), label())),
    ...['disabled', 'false', 'off'].map(value => create(`pod labelled profiling=${value} in a sensitive namespace`, pod(SENSITIVE, {}, labelled(value)))),
    create('pod without labels in a sensitive namespace', pod(SENSITIVE)),
    create('pod with other labels in a sensitive namespace', pod(SENSITIVE, {}, { labels: { app: 'x', profiling2: 'enabled' } })),
    create('pod labelled profiling=enabled elsewhere', pod('shop', {}, labelled('enabled'))),
    ...KINDS.flatMap(kind => [
      create(`${kind} of labelled pods in a sensitive namespace`, controller(kind, SENSITIVE, {}, labelled('enabled')), label()),
      create(`labelled ${kind} in a sensitive namespace`, controller(kind, SENSITIVE, {}, {}, labelled('enabled')), label()),
      create(`${kind} of pods without the label in a sensitive namespace`, controller(kind, SENSITIVE)),
    ]),
    create('Deployment of labelled pods elsewhere', controller('Deployment', 'shop', {}, labelled('enabled'))),
    create('pod that asks to be scraped', pod(SENSITIVE, {}, scraped('cpu.scrape', 'true')), annotation),
    create('pod that asks to be scraped for memory', pod(SENSITIVE, {}, scraped('memory.scrape', 'yes')), annotation),
    create('pod that asks not to be scraped', pod(SENSITIVE, {}, scraped('cpu.scrape', 'false'))),
    create('pod that names a port', pod(SENSITIVE, {}, scraped('cpu.port', '8080'))),
    create('Deployment of pods that ask to be scraped', controller('Deployment', SENSITIVE, {}, scraped('cpu.scrape', 'true')), annotation),
    create('pod that asks to be scraped elsewhere', pod('shop', {}, scraped('cpu.scrape', 'true'))),
    update('the label is added to a pod', pod(SENSITIVE, ELSEWHERE), withMetadata(labelled('enabled')), label()),
    update('the label is taken away', pod(SENSITIVE, ELSEWHERE, labelled('enabled')), withMetadata({ labels: {} })),
    update('something else of a labelled Deployment', controller('Deployment', SENSITIVE, {}, labelled('enabled')), object => ({ ...object, spec: { ...object.spec, paused: true } })),
    update('an annotation of a labelled Deployment', controller('Deployment', SENSITIVE, {}, labelled('enabled')), withMetadata({ annotations: { note: 'x' } })),
    { name: 'a labelled pod is deleted', operation: 'delete', object: pod(SENSITIVE, ELSEWHERE, labelled('enabled')) },
  ];
}

