// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Paths of the contract that more than one program names.
namespace godwit::protocol::routes {

inline constexpr char defaultAddress[] = "http://127.0.0.1:8420";
inline constexpr char authLogin[] = "/api/auth/login";
inline constexpr char authRefresh[] = "/api/auth/refresh";
inline constexpr char authLogout[] = "/api/auth/logout";
inline constexpr char authTicket[] = "/api/auth/ticket";
inline constexpr char authTokens[] = "/api/auth/tokens";
inline constexpr char authMe[] = "/api/auth/me";
inline constexpr char health[] = "/health";
inline constexpr char metricsStream[] = "/api/metrics/stream";
inline constexpr char search[] = "/api/search";
inline constexpr char documents[] = "/api/documents";
inline constexpr char tasks[] = "/api/tasks";
inline constexpr char schedules[] = "/api/schedules";
inline constexpr char users[] = "/api/users";
inline constexpr char chatSocket[] = "/ws/chat";
inline constexpr char readings[] = "/api/readings";
inline constexpr char readingSeries[] = "/api/readings/series";
inline constexpr char realtimeSocket[] = "/ws/realtime";
inline constexpr char sessionSocket[] = "/ws/session";

} // namespace godwit::protocol::routes
