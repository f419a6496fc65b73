// A benchmark that does not look at replies measures anything: this shows that ours does.
import { measure } from './measurement.mjs';
import { SCENARIOS } from './scenarios.mjs';

const SCENARIO = SCENARIOS.find(({ id }) => id === 'echo-20-64');
const WRONG = { id: 'a wrong server', runtime: 'node', packages: {}, raw: true, server: 'wrong.mjs' };
const FAULTS = { changed: 'a reply is not what was sent', longer: 'a reply is longer' };

/** Throws unless servers that reply wrongly fail. */
export async function checkThatWrongServersFail(bench) {
  for (const [fault, complaint] of Object.entries(FAULTS)) {
    const error = await measure(SCENARIO, { ...WRONG, settings: { fault } }, bench).then(
      () => undefined,
      (reason) => reason,
    );
    if (error === undefined) throw new Error(`the benchmark takes replies that are ${fault}`);
    if (!error.message.includes(complaint)) throw error;
  }
}
