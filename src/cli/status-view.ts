/** What `status` needs once it is connected; loading it takes longer than everything before the connection. */
export { statusRows } from '../flows/status.ts';
export { fitted, recentRows, statusDocument, statusText } from './report/status.ts';
