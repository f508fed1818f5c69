/** The engine, loaded when it is used, so that importing this library costs little more than importing cdk8s. */
export const engine = (): typeof import('./engine') => require('./engine');
