export { type ClusterAdapterOptions, clusterAdapter } from './cluster-adapter.ts';
export type { ClusterPeer } from './cluster-channel.ts';
export { ClusterPrimary } from './cluster-primary.ts';
