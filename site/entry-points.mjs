/** What the package exports, with the folder of src that it comes from and what is said of it in the site's index. */
export const ENTRY_POINTS = [
  ['hawser', 'index.ts'],
  ['hawser/web', 'web/index.ts'],
  ['hawser/hub', 'hub/index.ts'],
  ['hawser/client', 'client/index.ts'],
  ['hawser/react', 'react/index.ts'],
  ['hawser/redis', 'redis/index.ts'],
  ['hawser/cluster', 'cluster/index.ts'],
  ['hawser/metrics', 'metrics/index.ts'],
  ['hawser/core', 'core/index.ts'],
];
