//! A round: some tasks, many calls in an order that a seed gives, each compared with the model; then all is done.

use koji_core::Fault;
use koji_core::wire::Value;
use koji_tests::fuzz::Random;

use super::farm::{Farm, HOSTS, done, fault};
use super::model::{Answer, Run, State, Task};

type Outcome = Result<(), String>;

const MOST_TASKS: usize = 8;
const CALLS: usize = 60;

struct Round<'f> {
    farm: &'f mut Farm,
    tasks: Vec<Task>,
    alive: [bool; HOSTS],
}

pub fn run(farm: &mut Farm, random: &mut Random) -> Outcome {
    let mut round = Round { farm, tasks: vec![], alive: [true; HOSTS] };
    for host in 0..HOSTS {
        round.farm.revive(host).map_err(|error| error.to_string())?;
    }
    for call in 0..CALLS {
        let told = round.step(random);
        let checked = told.and_then(|what| round.check().map_err(|wrong| format!("{what}: {wrong}")));
        checked.map_err(|wrong| format!("call {call}: {wrong}"))?;
    }
    round.finish()
}

impl Round<'_> {
    /// One call; what it was, in words.
    fn step(&mut self, random: &mut Random) -> Result<String, String> {
        let (kind, host) = (random.below(16), random.below(HOSTS));
        match kind {
            0 => return self.schedule(),
            1 => return self.ask(host),
            2 => return self.die_or_live(host, random.once_in(2)),
            3 if random.once_in(2) => {
                self.farm.local.restart();
                return Ok("restart".to_owned());
            }
            3 => return self.age(),
            4 | 5 if self.tasks.len() < MOST_TASKS => {
                let id = self.farm.make().map_err(|error| error.to_string())?;
                self.tasks.push(Task::new(id));
                return Ok(format!("make {id}"));
            }
            _ => {}
        }
        if self.tasks.is_empty() {
            return Ok("nothing".to_owned());
        }
        let place = random.below(self.tasks.len());
        // mostly the host that has the task acts, or the calls would all be refused
        let host = self.tasks[place].host.filter(|_| !random.once_in(4)).unwrap_or(host);
        if !self.alive[host] && kind < 12 {
            return Ok("nothing".to_owned());
        }
        self.act(kind, place, host, random)
    }

    /// A call about one task by a host (below 12) or an admin.
    fn act(&mut self, kind: usize, place: usize, host: usize, random: &mut Random) -> Result<String, String> {
        let task = &mut self.tasks[place];
        let id = Value::from(task.id);
        let (soft, force, by_override) = (random.once_in(2), random.once_in(3), random.once_in(3));
        let name: Value = format!("host{host}").into();
        let (caller, method, args, expected) = match kind {
            4..=7 => (Some(host), "host.openTask", vec![id], task.open(host)),
            8 => (Some(host), "host.closeTask", vec![id, done()], task.end(host, State::Closed)),
            9 => (Some(host), "host.failTask", vec![id, fault()], task.end(host, State::Failed)),
            10 => (Some(host), "host.freeTasks", vec![Value::Array(vec![id])], task.give_back(host)),
            11 => (Some(host), "host.refuseTask", vec![id, soft.into(), "no".into()], task.refuse(host)),
            12 if random.once_in(2) => (None, "cancelTask", vec![id], task.cancel()),
            12 | 13 => (None, "freeTask", vec![id], task.free_by_admin()),
            _ => {
                let args = vec![id, name, force.into(), by_override.into()];
                (None, "assignTask", args, task.assign(host, force, by_override))
            }
        };
        let told = format!("{method} {args:?} by {caller:?}");
        let caller = caller.map_or(&self.farm.admin, |host| &self.farm.hosts[host]);
        let answer = match self.farm.call(caller, method, args) {
            Ok(Value::Bool(false)) => Answer::No,
            Ok(Value::Nil) if method == "host.openTask" => Answer::No,
            Ok(_) => Answer::Yes,
            Err(error) if matches!(error.fault, Fault::NotAllowed | Fault::Generic) => Answer::Fault,
            Err(error) => return Err(format!("{told}: {error}")),
        };
        if answer == expected { Ok(told) } else { Err(format!("{told}: {answer:?}, not {expected:?}")) }
    }

    fn schedule(&mut self) -> Result<String, String> {
        let held: Vec<bool> = self.tasks.iter().map(|task| task.host.is_some()).collect();
        self.farm.schedule().map_err(|error| error.to_string())?;
        self.tasks.iter_mut().for_each(Task::forget);
        self.take_over_assignments()?;
        for (task, was_held) in self.tasks.iter_mut().zip(held) {
            if was_held { task.look_after(&self.alive) } else { task.end_run() }
        }
        Ok("a run of the scheduler".to_owned())
    }

    /// What the scheduler gave out is as it may be, and nothing waits that could be done.
    fn take_over_assignments(&mut self) -> Outcome {
        let ids: Vec<i64> = self.tasks.iter().map(|task| task.id).collect();
        let states = self.farm.states(&ids);
        for task in self.tasks.iter_mut().filter(|task| task.state == State::Free) {
            let able = |host: &usize| self.alive[*host] && !task.refused_by.contains(host);
            let now = states.iter().find(|(id, ..)| *id == task.id);
            let host = now.and_then(|(_, _, host)| self.farm.ids.iter().position(|id| Some(*id) == *host));
            match host {
                Some(host) if able(&host) => {
                    (task.state, task.host, task.run) = (State::Assigned, Some(host), Some(Run::New));
                }
                Some(host) => return Err(format!("task {} went to host {host}, which is not able", task.id)),
                None if (0..HOSTS).any(|host| able(&host)) => {
                    return Err(format!("task {} waits although a host is able", task.id));
                }
                None => {}
            }
        }
        Ok(())
    }

    fn ask(&mut self, host: usize) -> Result<String, String> {
        if !self.alive[host] {
            return Ok("nothing".to_owned());
        }
        let given = self.farm.as_host(host, "host.getTasks", vec![]).map_err(|error| error.to_string())?;
        let mine = |tasks: &[Task]| {
            let mine = tasks.iter().filter(|task| task.state == State::Assigned && task.host == Some(host));
            mine.map(|task| task.id).collect::<Vec<i64>>()
        };
        if mine(&self.tasks).is_empty() && self.tasks.iter().any(|task| task.state == State::Free) {
            self.take_over_assignments()?;
        }
        let given: Vec<i64> =
            given.as_array().unwrap_or_default().iter().filter_map(|task| task.get("id")?.as_int()).collect();
        let expected = mine(&self.tasks);
        if given == expected {
            return Ok(format!("host {host} asks for tasks"));
        }
        Err(format!("host {host} was told of {given:?}, not {expected:?}"))
    }

    fn die_or_live(&mut self, host: usize, lives: bool) -> Result<String, String> {
        self.alive[host] = lives;
        let done = if lives { self.farm.revive(host) } else { self.farm.silence(host) };
        done.map(|()| format!("host {host} lives: {lives}")).map_err(|error| error.to_string())
    }

    fn age(&mut self) -> Result<String, String> {
        self.farm.age().map_err(|error| error.to_string())?;
        for task in &mut self.tasks {
            task.run = task.run.map(|_| Run::Old);
        }
        Ok("time passes".to_owned())
    }

    /// The database says what the model says.
    fn check(&self) -> Outcome {
        let ids: Vec<i64> = self.tasks.iter().map(|task| task.id).collect();
        let states = self.farm.states(&ids);
        if states.len() != ids.len() {
            return Err("a task is lost".to_owned());
        }
        for (task, (_, state, host)) in self.tasks.iter().zip(states) {
            let expected = (task.state.number(), task.host.map(|host| self.farm.ids[host]));
            if (state, host) != expected {
                return Err(format!("task is in state {state} with {host:?}, and should be: {task:?}"));
            }
            if task.ends > 1 + task.revivals {
                return Err(format!("a task was done twice: {task:?}"));
            }
        }
        if self.farm.most_active_runs(&ids) > 1 {
            return Err("a task has two runs".to_owned());
        }
        Ok(())
    }

    /// Calls off what no host will do.
    fn call_off(&mut self) -> Outcome {
        for task in &mut self.tasks {
            let by_hand = task.state == State::Assigned && task.run.is_none();
            let refused = !task.state.is_finished() && task.refused_by.len() == HOSTS;
            if by_hand || refused {
                task.cancel();
                let args = vec![task.id.into()];
                self.farm.call(&self.farm.admin, "cancelTask", args).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    /// Whatever happened, willing hosts do all that is not over; what everybody refused is called off.
    fn finish(&mut self) -> Outcome {
        let wrong = |error: koji_core::Error| error.to_string();
        for host in 0..HOSTS {
            self.die_or_live(host, true)?;
        }
        for _ in 0..=MOST_TASKS {
            // the scheduler may find that the last host has refused, too
            self.call_off()?;
            self.schedule()?;
            self.check().map_err(|wrong| format!("at the end: {wrong}"))?;
            for task in self.tasks.iter_mut().filter(|task| !task.state.is_finished()) {
                let Some(host) = task.host else { continue };
                if task.state == State::Assigned {
                    task.open(host);
                    self.farm.as_host(host, "host.openTask", vec![task.id.into()]).map_err(wrong)?;
                }
                task.end(host, State::Closed);
                self.farm.as_host(host, "host.closeTask", vec![task.id.into(), done()]).map_err(wrong)?;
            }
        }
        match self.tasks.iter().find(|task| !task.state.is_finished()) {
            Some(task) => Err(format!("a task is never done: {task:?}")),
            None => self.check(),
        }
    }
}
