/** Makes the error of a peer that ends before it has answered, with the words of node:http. */
export function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}
