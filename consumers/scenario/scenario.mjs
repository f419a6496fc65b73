import { assertEngineLoaded, assertUsersResolveEngine } from './engine.mjs';

/**
 * Runs the steps of a scenario, in their order, between a look at what the packages would load as `ws` and one at what
 * they did load. A process that doesn't end after that has left something running, which fails it as well.
 *
 * @param steps - Name to function.
 */
export async function runScenario(steps) {
  try {
    console.log(`engine: ${assertUsersResolveEngine()}`);
    for (const [name, step] of Object.entries(steps)) {
      console.log(`step: ${name}`);
      await step();
    }
    assertEngineLoaded();
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}
