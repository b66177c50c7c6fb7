//! What Cartwheel promises, each promise a file. Everything here runs against a real RabbitMQ and PostgreSQL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a failure here is a failed test"
)]

mod harness;
mod imports;

mod a_backup_is_restored;
mod a_bad_row_affects_no_other;
mod a_browser_finds_its_way;
mod a_cart_is_its_events;
mod a_cart_shows_what_goes_with_it;
mod a_failing_command_affects_no_other;
mod a_greedy_client_starves_nobody;
mod a_large_cart_costs_no_more;
mod a_lost_log_is_made_good;
mod a_projection_is_rebuilt;
mod a_slow_reader_is_dropped;
mod a_stopped_service_catches_up;
mod a_stream_misses_nothing;
mod an_operator_handles_parked_events;
mod an_operator_handles_timers;
mod an_operator_sends_failed_mails_again;
mod an_upgrade_loses_nothing;
mod another_instance_takes_over;
mod bad_input_is_refused_clearly;
mod broken_builds_are_caught;
mod clients_are_not_broken;
mod clients_have_limits;
mod concurrent_additions_all_count;
mod duplicates_change_nothing;
mod each_service_has_its_own;
mod events_can_be_read_again;
mod every_call_has_an_example;
mod every_service_describes_itself;
mod everything_can_be_encrypted;
mod hostile_text_is_refused;
mod it_can_be_watched;
mod keys_make_writes_repeatable;
mod no_secret_is_logged;
mod nothing_is_lost_behind_the_front_door;
mod one_addition_reaches_all;
mod order_is_kept;
mod plans_need_no_statistics;
mod releases_run_side_by_side;
mod settings_are_checked_at_the_start;
mod slow_clients_block_nobody;
mod tables_grow_as_documented;
mod the_architecture_holds;
mod the_broker_may_be_away;
mod the_code_keeps_its_shape;
mod the_demo_is_audited;
mod the_doctor_finds_what_is_wrong;
mod the_front_door_keeps_out;
mod the_front_door_knows_every_path;
mod the_last_unit_is_held_once;
mod the_longest_waiting_is_served_first;
mod the_process_may_be_killed;
mod the_readme_can_be_followed;
mod torture_finds_nothing;

mod unknown_fields_are_refused;
mod up_says_what_it_does;
mod what_is_printed_can_be_typed;
mod what_staff_does_is_written_down;
