import { writeFileSync } from 'node:fs';
import { App, Chart } from 'cdk8s';
import { HardenedProfiling, ImagePinning } from 'cdk8s-hardened-profiling';
import { Deployment } from 'cdk8s-plus-28';

const app = new App();

// The platform team's chart: the profiling itself.
const platform = new Chart(app, 'platform');
const profiling = new HardenedProfiling(platform, 'profiling', {
  cluster: { name: 'dev', kubernetesVersion: '1.33', apiServerCidrs: ['10.0.0.10/32'] },
  images: { pinning: ImagePinning.TAGS_ALLOWED },
  scope: { sensitiveNamespaces: ['payments'] },
  parca: { tls: { secretName: 'parca-tls' } },
  access: { portForward: { groups: ['sre-team'] } },
});

// Every object can be found and patched by its construct path.
profiling.parcaServer.volumeClaim.metadata.addLabel('backup', 'nightly');

// A product team's chart: one label opts the workload in.
const shop = new Chart(app, 'shop', { namespace: 'shop' });
const checkout = new Deployment(shop, 'checkout', {
  metadata: { name: 'checkout' },
  containers: [{ image: 'registry.example.com/checkout:1.4.2', portNumber: 8080 }],
});
profiling.optIn(checkout);

// Grafana may query: the network path is opened and the read token is mounted.
const monitoring = new Chart(app, 'monitoring', { namespace: 'monitoring' });
const grafana = new Deployment(monitoring, 'grafana', {
  metadata: { name: 'grafana' },
  containers: [{ image: 'docker.io/grafana/grafana:12.1.0', portNumber: 3000, securityContext: { user: 472 } }],
});
profiling.grantRead(grafana);

// Prometheus is no construct of this app: its namespace and labels do.
profiling.addScraper({ namespace: 'monitoring', podLabels: { 'app.kubernetes.io/name': 'prometheus' } });

app.synth();

// What is left to create. Its commands read profiling.yaml, which is this app as a document, with everything that was granted.
writeFileSync('profiling.yaml', profiling.document);
console.log(profiling.summary);
