/** The adapter that joins hubs in several processes of one machine. @module */

export { type ClusterAdapterOptions, clusterAdapter } from './cluster-adapter.ts';
export type { ClusterPeer } from './cluster-channel.ts';
export { ClusterPrimary } from './cluster-primary.ts';
