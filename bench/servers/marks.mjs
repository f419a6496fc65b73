import { QUESTIONS } from './control.mjs';

/**
 * Has a load generator on Node tell how far it is, as that in C does.
 *
 * @param turns - How many each connection has had; may grow.
 * @param messages - In a turn.
 */
export function answerMarks(turns, messages) {
  QUESTIONS.mark = () => {
    const { user, system } = process.cpuUsage();
    return {
      messages: messages * turns.reduce((sum, count) => sum + count, 0),
      cpu: user + system,
      time: QUESTIONS.time().time,
      fewestTurns: Math.min(...turns),
    };
  };
}
